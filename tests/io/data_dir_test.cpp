#include "io/data_dir.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "io/io_test_support.h"

namespace masala::io {
namespace {

// Sets MASALA_DATA_DIR while it lives.
class DataDirVariable {
 public:
  explicit DataDirVariable(const std::string& path) {
    ::setenv("MASALA_DATA_DIR", path.c_str(), 1);
  }
  DataDirVariable(const DataDirVariable&) = delete;
  DataDirVariable& operator=(const DataDirVariable&) = delete;
  ~DataDirVariable() { ::unsetenv("MASALA_DATA_DIR"); }
};

TEST(DataDir, BuiltinNamesResolveToFiles) {
  for (const char* kind : {"accelerators", "workloads"}) {
    const std::vector<std::string> names = builtin_names(kind);
    ASSERT_FALSE(names.empty());
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
    for (const std::string& name : names) {
      EXPECT_TRUE(std::filesystem::exists(resolve_data_path(kind, name))) << name;
    }
  }
}

TEST(DataDir, AnythingLikeAPathIsOne) {
  for (const char* path : {"./gemmini", "gemmini.yaml", "gemmini.yml", "/x/gemmini"}) {
    EXPECT_EQ(resolve_data_path("accelerators", path), path);
  }
}

TEST(DataDir, TheVariableComesFirst) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.file("accelerators"));
  put(folder.file("accelerators/gemmini.yaml"), "");
  put(folder.file("accelerators/mine.yaml"), "");
  put(folder.file("accelerators/README.md"), "");
  const DataDirVariable variable(folder.path());
  EXPECT_EQ(resolve_data_path("accelerators", "mine"), folder.file("accelerators/mine.yaml"));
  EXPECT_EQ(resolve_data_path("accelerators", "gemmini"), folder.file("accelerators/gemmini.yaml"));
  EXPECT_EQ(resolve_data_path("accelerators", "gemmini-rtl"),
            data_path("accelerators/gemmini-rtl.yaml"));
}

TEST(DataDir, UnknownNamesListTheKnownOnes) {
  const std::string text = error_of([] { resolve_data_path("accelerators", "gemini"); });
  EXPECT_EQ(text.rfind("\"gemini\": not among the built-in accelerators; expected ", 0), 0u)
      << text;
  EXPECT_NE(text.find("gemmini, gemmini-rtl"), std::string::npos) << text;
  EXPECT_NE(text.find(", or the path of a .yaml file (did you mean gemmini?)"), std::string::npos)
      << text;
  EXPECT_NE(error_of([] { resolve_data_path("models", "x"); }).find("no built-in models found in "),
            std::string::npos);
}

}  // namespace
}  // namespace masala::io
