// Wrong command lines: exit code 2, or 1 where a name or value is not of the files given.
#include <gtest/gtest.h>

#include "cli/bad_case.h"
#include "cli/sample_files.h"

namespace masala::test {
namespace {

BadCase search(const std::string& name,
               const Words& more,
               int exit_code,
               const std::string& message) {
  Words words = {"search", "-w", "w.yaml", "-a", "gemmini", "-o", "out"};
  words.insert(words.end(), more.begin(), more.end());
  const bool is_usage = exit_code == kUsage;
  return {name,
          words,
          {{"w.yaml", kWorkload}},
          exit_code,
          is_usage ? "masala search: " + message + "\nSee: masala search --help" : message};
}

TEST(BadFlags, CommandsAndFlagsThatDoNotExistAreUsageErrors) {
  expect_refused({
      {"no command", {}, {}, kUsage, "... Usage: masala COMMAND [flags]"},
      {"unknown command",
       {"serach"},
       {},
       kUsage,
       "masala: unknown command \"serach\" (did you mean search?)\nSee: masala --help"},
      {"unknown flag",
       {"search", "--bugdet", "5"},
       {},
       kUsage,
       "masala search: unknown flag \"--bugdet\" (did you mean --budget?)\nSee: masala search "
       "--help"},
      {"unknown short flag",
       {"search", "-x", "5"},
       {},
       kUsage,
       "masala search: unknown flag \"-x\"\nSee: masala search --help"},
      {"flag without its value", {"search", "--workload"}, {}, kUsage, "... missing an argument"},
      {"no accelerator",
       {"search", "--workload", "bert"},
       {},
       kUsage,
       "masala search: --accelerator is missing\nSee: masala search --help"},
      {"word left over",
       {"evaluate", "rows.csv"},
       {},
       kUsage,
       "masala evaluate: unexpected argument \"rows.csv\"\nSee: masala evaluate --help"},
      {"neither traces nor design",
       {"evaluate", "-a", "gemmini"},
       {},
       kUsage,
       "masala evaluate: expected one of --traces and --design\nSee: masala evaluate --help"},
      {"both traces and design",
       {"evaluate", "--traces", "a.csv", "--design", "b.json"},
       {},
       kUsage,
       "masala evaluate: expected one of --traces and --design\nSee: masala evaluate --help"},
      {"unknown latency model",
       {"evaluate", "--traces", "a.csv", "-a", "gemmini", "--latency", "rooflin"},
       {},
       kUsage,
       "... masala evaluate: --latency: got \"rooflin\"; expected one of roofline, calibrated, "
       "hybrid, "
       "dnn (did you mean roofline?)\nSee: masala evaluate --help"},
  });
}

TEST(BadFlags, ValuesOutOfRangeAreNamedWithWhatWasExpected) {
  expect_refused({
      search(
          "budget 0", {"--budget", "0"}, kUsage, "--budget: got \"0\"; expected an integer >= 1"),
      search("budget below one design",
             {"--budget", "1"},
             kBadInput,
             "--budget: got 1; expected at least 2 evaluations, one per layer"),
      search("starts -1",
             {"--starts", "-1"},
             kUsage,
             "--starts: got \"-1\"; expected an integer from 1 to 1048576"),
      search("threads 0",
             {"--threads", "0"},
             kUsage,
             "--threads: got \"0\"; expected an integer from 1 to 1024"),
      search("seed abc",
             {"--seed", "abc"},
             kUsage,
             "--seed: got \"abc\"; expected an integer from 0 to 2^64 - 1"),
      search("budget beyond 2^63",
             {"--budget", "99999999999999999999"},
             kUsage,
             "--budget: got \"99999999999999999999\"; expected an integer >= 1"),
      search("area nan",
             {"--max-area-mm2", "nan"},
             kUsage,
             "--max-area-mm2: got \"nan\"; expected a number > 0"),
      search("flag twice",
             {"--seed", "1", "--seed", "2"},
             kUsage,
             "--seed: given 2 times; expected once"),
      search("empty value", {"--method", ""}, kUsage, "--method: empty; expected a value"),
      search("format",
             {"--format", "jsn"},
             kUsage,
             "--format: got \"jsn\"; expected console or json (did you mean json?)"),
      search(
          "latency",
          {"--latency", "hybird"},
          kUsage,
          "--latency: got \"hybird\"; expected one of roofline, calibrated, hybrid, dnn (did you "
          "mean hybrid?)"),
      search(
          "caution", {"--caution", "-1"}, kUsage, "--caution: got \"-1\"; expected a number >= 0"),
      search("caution without a model",
             {"--caution", "1"},
             kUsage,
             "--caution goes with a latency model that was trained; expected --latency too"),
      search("model of the roofline",
             {"--model", "m.masala"},
             kUsage,
             "--model goes with a latency model that was trained; expected --latency too"),
      {"latency without a model",
       {"search", "-w", "bert", "-a", "eyeriss", "--latency", "hybrid"},
       {},
       kBadInput,
       "--latency hybrid: no model for accelerator eyeriss is built in; expected one in --model "
       "FILE "
       "(masala train makes it)"},
      {"method",
       {"search", "-w", "bert", "-a", "gemmini", "--method", "gradeint"},
       {},
       kUsage,
       "... masala search: --method: got \"gradeint\"; expected one of gradient, "},
      search("factors",
             {"--factors", "imprefect"},
             kUsage,
             "--factors: got \"imprefect\"; expected perfect or imperfect (did you mean "
             "imperfect?)"),
      search("imperfect factors of another method",
             {"--factors", "imperfect", "--method", "exact"},
             kBadInput,
             "--factors imperfect: method exact searches perfect factors only; expected --method "
             "gradient or annealing"),
      search(
          "bound of imperfect factors",
          {"--factors", "imperfect", "--bound"},
          kUsage,
          "--bound certifies the optimum of perfect factors; expected --factors perfect with it"),
      {"objective",
       {"search", "-w", "bert", "-a", "gemmini", "--objective", "epd"},
       {},
       kUsage,
       "masala search: --objective: got \"epd\"; expected one of edp, energy, latency, ed2p, edap "
       "(did you mean edp?)\nSee: masala search --help"},
  });
}

TEST(BadFlags, FixedHardwareMustBeOfTheAccelerator) {
  const std::string expected_form = "; expected KEY=VALUE with an integer, as pe_dim=16";
  const std::string keys = "expected one of pe_dim, scratchpad_kib, accumulator_kib";
  const Words evaluate = {"evaluate", "-a", "gemmini", "--traces", "t.csv", "-o", "o.csv", "--fix"};
  const auto evaluated = [&](const std::string& value, const std::string& message) {
    Words words = evaluate;
    words.push_back(value);
    return BadCase{"evaluate " + value, words, {{"t.csv", kTraces}}, kBadInput, message};
  };
  expect_refused({
      search(
          "fraction", {"--fix", "pe_dim=3.5"}, kUsage, "--fix: got \"pe_dim=3.5\"" + expected_form),
      search("repeated",
             {"--fix", "pe_dim=4", "--fix", "pe_dim=8"},
             kUsage,
             "--fix: pe_dim given twice"),
      search("unknown key",
             {"--fix", "scratchpad=4"},
             kBadInput,
             "--fix scratchpad: unknown hardware key; " + keys),
      search("out of range and off the grid",
             {"--fix", "pe_dim=300", "--fix", "scratchpad_kib=0"},
             kBadInput,
             "--fix pe_dim: got 300; expected an integer from 2 to 128\n"
             "--fix scratchpad_kib: got 0; expected an integer from 1 to 4096"),
      evaluated("pe_dm=4",
                "--fix pe_dm: unknown hardware key; " + keys + " (did you mean pe_dim?)"),
      evaluated("pe_dim=0", "--fix pe_dim: got 0; expected an integer from 1 to 2147483648"),
      evaluated("scratchpad_kib=9000000000000000000",
                "--fix scratchpad_kib: got 9000000000000000000; expected an integer from 1 to "
                "2147483648"),
  });
}

TEST(BadFlags, NamesThatAreNotBuiltInComeWithTheClosestOnes) {
  expect_refused({
      {"workload",
       {"search", "-w", "brt", "-a", "gemmini"},
       {},
       kBadInput,
       "... \"brt\": not among the built-in workloads; expected alexnet, bert, "},
      {"accelerator",
       {"search", "-w", "bert", "-a", "gemini"},
       {},
       kBadInput,
       "... , or the path of a .yaml file (did you mean gemmini?)"},
      {"something",
       {"info", "resnet5"},
       {},
       kBadInput,
       "\"resnet5\": neither built in nor a file; expected a name that `masala info accelerators` "
       "or `masala info workloads` lists, or a path (did you mean resnet50?)"},
      {"no such path",
       {"search", "-w", "./bert.yaml", "-a", "gemmini"},
       {},
       kBadInput,
       "./bert.yaml: cannot read: No such file or directory; expected a readable file"},
  });
}

}  // namespace
}  // namespace masala::test
