#include "masala/app/output.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "masala/app/user_text.h"

namespace masala::app {
namespace {

namespace fs = std::filesystem;

class Output : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) /
            ("masala_" + std::to_string(getpid()) + "_" +
             std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  std::string path(const std::string& name) const { return (root_ / name).string(); }
  static void touch(const std::string& path) { std::ofstream(path) << "old"; }

  fs::path root_;
};

TEST_F(Output, AnExistingFileIsRefusedUnlessItMayBeReplaced) {
  touch(path("model"));
  EXPECT_THROW(OutputFile(path("model"), Existing::refuse), InputError);
  const OutputFile file(path("model"), Existing::replace);
  file.write("new");
  std::ifstream in(path("model"));
  std::string text;
  in >> text;
  EXPECT_EQ(text, "new");
}

TEST_F(Output, AFileThatCannotBeWrittenIsRefusedBeforeTheWorkBegins) {
  EXPECT_THROW(OutputFile(path("missing/model"), Existing::refuse), InputError);
  EXPECT_THROW(OutputFile(path(""), Existing::replace), InputError);  // a folder
}

TEST_F(Output, TwoRunsDoNotWriteOneFileAtOnce) {
  const OutputFile first(path("model"), Existing::replace);
  EXPECT_THROW(OutputFile(path("model"), Existing::replace), InputError);
}

TEST_F(Output, AFileIsFreeAgainAfterTheRun) {
  { const OutputFile first(path("model"), Existing::replace); }
  EXPECT_NO_THROW(OutputFile(path("model"), Existing::replace));
  EXPECT_TRUE(fs::is_empty(root_));
}

TEST_F(Output, TwoRunsDoNotWriteOneFolderAtOnce) {
  const OutputFolder first(path("out"), Existing::replace);
  EXPECT_THROW(OutputFolder(path("out"), Existing::replace), InputError);
}

TEST_F(Output, AFolderMadeForNothingGoesAgain) {
  { const OutputFolder folder(path("out"), Existing::refuse); }
  EXPECT_FALSE(fs::exists(path("out")));
}

TEST_F(Output, AFolderThatWasThereStays) {
  fs::create_directories(path("out"));
  { const OutputFolder folder(path("out"), Existing::refuse); }
  EXPECT_TRUE(fs::is_empty(path("out")));
}

TEST_F(Output, AFolderWithContentIsRefusedUnlessItMayBeReplaced) {
  {
    const OutputFolder folder(path("out"), Existing::refuse);
    folder.write("design.json", "{}");
  }
  EXPECT_THROW(OutputFolder(path("out"), Existing::refuse), InputError);
  EXPECT_NO_THROW(OutputFolder(path("out"), Existing::resume));
  EXPECT_TRUE(fs::exists(path("out/design.json")));
}

}  // namespace
}  // namespace masala::app
