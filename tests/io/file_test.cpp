#include "io/file.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include "io/io_test_support.h"

namespace masala::io {
namespace {

namespace fs = std::filesystem;

bool is_root() {
  return ::geteuid() == 0;
}

TEST(ReadFile, ReturnsEveryByte) {
  const TemporaryFolder folder;
  const std::string content = std::string("a\0b\r\n", 5) + std::string(200000, 'x');
  put(folder.file("f"), content);
  EXPECT_EQ(read_file(folder.file("f")), content);
}

TEST(ReadFile, SaysWhyItCannotRead) {
  const TemporaryFolder folder;
  const std::string missing = folder.file("missing");
  EXPECT_EQ(error_of([&] { read_file(missing); }),
            missing + ": cannot read: No such file or directory; expected a readable file");
  EXPECT_EQ(error_of([&] { read_file(folder.path()); }),
            folder.path() + ": cannot read: it is a directory; expected a file");
}

TEST(ReadFile, RefusesMoreThanOneGibibyte) {
  const TemporaryFolder folder;
  const std::string path = folder.file("sparse");
  put(path, "");
  fs::resize_file(path, (std::uintmax_t{1} << 30) + 1);
  EXPECT_EQ(error_of([&] { read_file(path); }),
            path + ": cannot read: too large; expected at most 1 GiB");
}

TEST(ReadFile, NamesAMissingPermission) {
  if (is_root()) GTEST_SKIP() << "root may read everything";
  const TemporaryFolder folder;
  const std::string path = folder.file("secret");
  put(path, "x");
  ::chmod(path.c_str(), 0);
  EXPECT_EQ(error_of([&] { read_file(path); }),
            path + ": cannot read: Permission denied; expected a readable file");
}

TEST(WriteFile, ReplacesTheContentAndKeepsTheMode) {
  const TemporaryFolder folder;
  const std::string path = folder.file("f");
  put(path, "old and longer");
  ::chmod(path.c_str(), 0640);
  write_file_atomically(path, "new");
  EXPECT_EQ(get(path), "new");
  struct stat status {};
  ::stat(path.c_str(), &status);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
  EXPECT_EQ(folder.num_entries(), 1u) << "no temporary file is left";
}

TEST(WriteFile, FollowsALink) {
  const TemporaryFolder folder;
  put(folder.file("target"), "old");
  fs::create_symlink(folder.file("target"), folder.file("link"));
  write_file_atomically(folder.file("link"), "new");
  EXPECT_EQ(get(folder.file("target")), "new");
  EXPECT_TRUE(fs::is_symlink(folder.file("link")));
}

TEST(WriteFile, LeavesNothingBehindOnFailure) {
  const TemporaryFolder folder;
  const std::string path = folder.file("no/such/f");
  EXPECT_EQ(error_of([&] { write_file_atomically(path, "x"); }),
            path + ": cannot write: No such file or directory; expected a writable path");
  EXPECT_EQ(folder.num_entries(), 0u);
  EXPECT_EQ(error_of([&] { write_file_atomically(folder.path(), "x"); }),
            folder.path() + ": cannot write: it is a directory; expected a file path");
  EXPECT_EQ(error_of([&] { write_file_atomically("", "x"); }),
            "output: empty path; expected a path");
}

TEST(WriteFile, RespectsAReadOnlyFile) {
  if (is_root()) GTEST_SKIP() << "root may write everything";
  const TemporaryFolder folder;
  const std::string path = folder.file("f");
  put(path, "old");
  ::chmod(path.c_str(), 0444);
  EXPECT_EQ(error_of([&] { write_file_atomically(path, "new"); }),
            path + ": cannot write: Permission denied; expected a writable path");
  EXPECT_EQ(get(path), "old");
}

TEST(WriteFile, WritesDevicesDirectlyAndReportsAFullOne) {
  EXPECT_NO_THROW(write_file_atomically("/dev/null", "x"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_EQ(error_of([] { write_file_atomically("/dev/full", "x"); }),
            "/dev/full: cannot write: No space left on device; expected a writable path");
}

TEST(EnsureNewFile, RefusesAnExistingFileUnlessForced) {
  const TemporaryFolder folder;
  const std::string path = folder.file("f");
  EXPECT_NO_THROW(ensure_new_file(path, false));
  put(path, "x");
  EXPECT_EQ(error_of([&] { ensure_new_file(path, false); }),
            path + ": exists; expected a new path, or --force");
  EXPECT_NO_THROW(ensure_new_file(path, true));
  EXPECT_NO_THROW(ensure_new_file("/dev/null", false));
  EXPECT_EQ(error_of([&] { ensure_new_file(folder.path(), true); }),
            folder.path() + ": is a directory; expected a file path");
}

TEST(PrepareOutputDirectory, CreatesParentsAndRefusesContentUnlessForced) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a/b");
  prepare_output_directory(path, false);
  EXPECT_TRUE(fs::is_directory(path));
  EXPECT_NO_THROW(prepare_output_directory(path, false)) << "it is empty";
  put(path + "/f", "x");
  EXPECT_EQ(error_of([&] { prepare_output_directory(path, false); }),
            path + ": exists; expected a new path, or --force");
  EXPECT_NO_THROW(prepare_output_directory(path, true));
  EXPECT_EQ(error_of([&] { prepare_output_directory(path + "/f", true); }),
            path + "/f: is not a directory; expected a new or empty folder");
  EXPECT_EQ(error_of([&] { prepare_output_directory(path + "/f/g", true); }),
            path + "/f/g: cannot create the folder: Not a directory; expected a writable path");
}

}  // namespace
}  // namespace masala::io
