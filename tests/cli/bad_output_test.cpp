// Outputs that cannot be written, or must not be.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/bad_case.h"
#include "cli/sample_files.h"

namespace masala::test {
namespace {

BadCase evaluate_to(const std::string& name,
                    const std::string& output,
                    const std::string& message,
                    std::map<std::string, std::string> files = {}) {
  files["t.csv"] = kTraces;
  return {name,
          {"evaluate", "-a", "gemmini", "--traces", "t.csv", "-o", output},
          files,
          kBadInput,
          message};
}

BadCase search_to(const std::string& name,
                  const std::string& output,
                  const std::string& message,
                  std::map<std::string, std::string> files = {}) {
  files["w.yaml"] = kWorkload;
  return {
      name, {"search", "-w", "w.yaml", "-a", "gemmini", "-o", output}, files, kBadInput, message};
}

TEST(BadOutput, ExistingResultsAreKeptWithoutForce) {
  expect_refused({
      evaluate_to("file",
                  "o.csv",
                  "o.csv: exists; expected a new path, or --force",
                  {{"o.csv", "precious"}}),
      evaluate_to("folder", "out", "out: is a directory; expected a file path", {{"out/", ""}}),
      search_to("folder with a file",
                "out",
                "out: exists; expected a new path, or --force",
                {{"out/design.json", "precious"}}),
      search_to("file where a folder should be",
                "out",
                "out: is not a directory; expected a new or empty folder",
                {{"out", "precious"}}),
  });
}

TEST(BadOutput, PathsThatCannotBeWrittenAreRefused) {
  expect_refused({
      evaluate_to("full device",
                  "/dev/full",
                  "/dev/full: cannot write: No space left on device; expected a writable path"),
      evaluate_to("no such folder",
                  "no/o.csv",
                  "no/o.csv: cannot write: No such file or directory; expected a writable path"),
      evaluate_to("folder below a file",
                  "t.csv/o.csv",
                  "t.csv/o.csv: cannot write: Not a directory; expected a writable path"),
      evaluate_to("name too long",
                  std::string(300, 'x'),
                  "... cannot write: File name too long; expected a writable path"),
      search_to("below a file",
                "w.yaml/out",
                "w.yaml/out: cannot create the folder: Not a directory; expected a writable path"),
      search_to("in a file system without folders",
                "/proc/out",
                "/proc/out: cannot create the folder: No such file or directory; expected a "
                "writable path"),
  });
}

TEST(BadOutput, AFullStandardOutputIsAnError) {
  const RunOptions full = {{}, "/dev/full"};
  const std::string message = "stdout: cannot write; expected a writable stream";
  std::string many_rows = kTraces;
  for (int i = 0; i < 200; ++i) many_rows += kTraces.substr(kTraces.find("\na,") + 1);
  expect_refused({
      {"short", {"info", "methods"}, {}, kBadInput, message, full},
      {"longer than a buffer",
       {"evaluate", "-a", "gemmini", "--traces", "t.csv"},
       {{"t.csv", many_rows}},
       kBadInput,
       message,
       full},
      {"design",
       {"evaluate", "--design", "d.json"},
       {{"d.json", kDesign}},
       kBadInput,
       message,
       full},
  });
}

TEST(BadOutput, ASearchWithoutAValidDesignLeavesNoFolder) {
  expect_refused({{"area out of reach",
                   {"search",
                    "-w",
                    "w.yaml",
                    "-a",
                    "gemmini",
                    "-o",
                    "out",
                    "--quiet",
                    "--budget",
                    "500",
                    "--max-area-mm2",
                    "1e-6",
                    "--threads",
                    "1"},
                   {{"w.yaml", kWorkload}},
                   kBadInput,
                   "... --max-area-mm2: got 1e-06; expected at least 0.016223, "}});
}

TEST(BadOutput, FilesWithoutPermissionAreRefused) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read and write everything";
  const TemporaryDirectory directory;
  directory.write("t.csv", kTraces);
  directory.make_folder("locked");
  ::chmod(directory.file("locked").c_str(), 0500);
  const Words words = {"evaluate", "-a", "gemmini", "--traces", "t.csv", "-o", "locked/o.csv"};
  const Finished write = run_masala(directory.path(), words);
  EXPECT_EQ(write.exit_code, kBadInput);
  EXPECT_EQ(write.err, "locked/o.csv: cannot write: Permission denied; expected a writable path\n");

  ::chmod(directory.file("t.csv").c_str(), 0);
  const Finished read = run_masala(directory.path(), words);
  EXPECT_EQ(read.exit_code, kBadInput);
  EXPECT_EQ(read.err, "t.csv: cannot read: Permission denied; expected a readable file\n");
}

}  // namespace
}  // namespace masala::test
