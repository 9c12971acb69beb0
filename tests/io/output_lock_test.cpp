#include "masala/io/output_lock.h"

#include <csignal>
#include <optional>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "io/file.h"
#include "io/io_test_support.h"

namespace masala::io {
namespace {

std::string busy(const std::string& path) {
  return path + ": another run is writing it; expected to wait for it or another --output";
}

std::string error_of_locking(const std::string& path) {
  return error_of([&] { OutputLock lock(path); });
}

TEST(OutputLock, OneRunAtATimeHoldsIt) {
  const TemporaryFolder folder;
  const std::string path = folder.file("t.csv");
  {
    const OutputLock lock(path);
    EXPECT_EQ(error_of_locking(path), busy(path));
    EXPECT_EQ(error_of_locking(path), busy(path)) << "a refusal changes nothing";
    EXPECT_EQ(error_of_locking(folder.file("other.csv")), "no InputError");
  }
  EXPECT_EQ(folder.num_entries(), 0U) << "nothing is left";
  EXPECT_EQ(error_of_locking(path), "no InputError");
}

TEST(OutputLock, AFolderHasItsLockInside) {
  const TemporaryFolder folder;
  {
    const OutputLock lock(folder.path());
    EXPECT_EQ(error_of_locking(folder.path() + "/"), busy(folder.path() + "/"));
    EXPECT_TRUE(std::filesystem::exists(folder.file(kFolderLockName)));
    EXPECT_NO_THROW(prepare_output_directory(folder.path(), false)) << "a lock is no result";
  }
  EXPECT_EQ(folder.num_entries(), 0U);
}

TEST(OutputLock, BothNamesOfAFileShareIt) {
  const TemporaryFolder folder;
  put(folder.file("t.csv"), "");
  std::filesystem::create_symlink("t.csv", folder.file("link.csv"));
  const OutputLock lock(folder.file("t.csv"));
  EXPECT_EQ(error_of_locking(folder.file("link.csv")), busy(folder.file("link.csv")));
}

// Another process takes the lock and is killed: its file stays, the lock does not.
TEST(OutputLock, AKilledRunLeavesAFileThatHarmsNobody) {
  const TemporaryFolder folder;
  const std::string path = folder.file("t.csv");
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const OutputLock lock(path);
    if (::write(ready[1], "x", 1) == 1) ::pause();
    ::_exit(1);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(error_of_locking(path), busy(path));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(folder.num_entries(), 1U);
  EXPECT_EQ(error_of_locking(path), "no InputError");
  EXPECT_EQ(folder.num_entries(), 0U);
  ::close(ready[0]);
  ::close(ready[1]);
}

// Runs that come and go all the time: never do two of them hold it.
TEST(OutputLock, RemovingTheFileLetsNoSecondRunIn) {
  const TemporaryFolder folder;
  const std::string path = folder.file("t.csv");
  const std::string held = folder.file("held");
  constexpr int kRuns = 4;
  pid_t children[kRuns];
  for (pid_t& child : children) {
    child = ::fork();
    if (child != 0) continue;
    for (int i = 0; i < 500; ++i) {
      try {
        const OutputLock lock(path);
        if (::mkdir(held.c_str(), 0777) != 0) ::_exit(1);  // somebody else is here
        ::rmdir(held.c_str());
      } catch (const InputError&) {
      }
    }
    ::_exit(0);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
}

TEST(OutputLock, WhatCannotBeWrittenIsNamed) {
  const TemporaryFolder folder;
  const std::string path = folder.file("missing/t.csv");
  EXPECT_EQ(error_of_locking(path),
            path + ": cannot write: No such file or directory; expected a writable path");
  std::filesystem::create_directory(folder.file("t.csv.lock"));
  EXPECT_EQ(error_of_locking(folder.file("t.csv")),
            folder.file("t.csv") + ": cannot write: Is a directory; expected a writable path");
  EXPECT_EQ(error_of_locking("/proc/t.csv").find("/proc/t.csv: cannot write: "), 0U);
}

TEST(OutputLock, PipesAndDevicesNeedNone) {
  const OutputLock first("/dev/null");
  EXPECT_EQ(error_of_locking("/dev/null"), "no InputError");
}

}  // namespace
}  // namespace masala::io
