// Ctrl-C and SIGTERM: every command ends soon, keeps what it has and says so by its exit code.
#include <gtest/gtest.h>

#include <csignal>

#include "cli/learning_samples.h"
#include "cli/run_masala.h"
#include "cli/sample_files.h"

namespace masala::test {
namespace {

constexpr int kInterrupted = 130;

// Of a run that got the signal as soon as its stderr had the text.
Finished interrupted(const TemporaryDirectory& directory,
                     const std::string& words,
                     const std::string& text,
                     int signal) {
  RunningMasala running(directory.path(), words_of(words));
  EXPECT_TRUE(running.wait_for_stderr(text, kLongestRun)) << words;
  running.send(signal);
  return running.finish(kLongestRun);
}

TEST(Interruption, ATrainingEndsWithNothingWritten) {
  const TemporaryDirectory directory;
  directory.write("t.csv", training_rows(0, 10, 6));
  const Finished run =
      interrupted(directory, "train -a gemmini-rtl --traces t.csv -o m.masala", "folds: ", SIGTERM);
  EXPECT_EQ(run.exit_code, kInterrupted) << run.err;
  EXPECT_NE(run.err.find("masala train: interrupted, nothing written\n"), std::string::npos);
  EXPECT_EQ(directory.snapshot().size(), 1U);  // the traces: neither a model nor a lock
}

// A multiply whose tiles nobody could simulate one by one.
constexpr const char* kHuge =
    "name: huge\nlayers:\n  - {name: mm, R: 1, S: 1, P: 1048576, Q: 1, C: 1048576, K: 16, N: "
    "1}\n";

TEST(Interruption, ASimulationOfOneHugeLayerIsBoundedByItsBudget) {
  const TemporaryDirectory directory;
  directory.write("huge.yaml", kHuge);
  const Finished run =
      run_masala(directory.path(),
                 words_of("simulate -w ./huge.yaml -a gemmini-rtl --budget-events 100 --quiet"));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.out.find("mm "), std::string::npos);
}

TEST(Interruption, ASearchThatWasCutShortSaysSoInItsFile) {
  const TemporaryDirectory directory;
  directory.write("net.yaml", kWorkload);
  const Finished run = interrupted(directory,
                                   "search -w ./net.yaml -a gemmini --method annealing --budget "
                                   "100000000000 -o out",
                                   "annealing: ",
                                   SIGINT);
  EXPECT_EQ(run.exit_code, kInterrupted) << run.err;
  EXPECT_NE(directory.read("out/design.json").find("\"interrupted\": true"), std::string::npos);
  EXPECT_FALSE(directory.has("out/.lock"));
}

}  // namespace
}  // namespace masala::test
