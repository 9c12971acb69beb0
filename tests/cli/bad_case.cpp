#include "cli/bad_case.h"

#include <gtest/gtest.h>

namespace masala::test {
namespace {

constexpr std::string_view kPart = "... ";

struct Outcome {
  Finished run;
  std::map<std::string, std::string> before;
  std::map<std::string, std::string> after;
};

Outcome run_case(const BadCase& bad) {
  const TemporaryDirectory directory;
  for (const auto& [name, content] : bad.files) {
    if (name.back() == '/') {
      directory.make_folder(name);
    } else {
      directory.write(name, content);
    }
  }
  Outcome outcome;
  outcome.before = directory.snapshot();
  outcome.run = run_masala(directory.path(), bad.words, bad.options);
  outcome.after = directory.snapshot();
  return outcome;
}

void check(const BadCase& bad, const Outcome& outcome) {
  SCOPED_TRACE(bad.name);
  const std::string& err = outcome.run.err;
  EXPECT_EQ(outcome.run.exit_code, bad.exit_code);
  if (bad.err.rfind(kPart, 0) == 0) {
    EXPECT_NE(err.find(bad.err.substr(kPart.size())), std::string::npos) << err;
  } else {
    EXPECT_EQ(err, bad.err + "\n");
  }
  EXPECT_EQ(outcome.run.out, "");
  for (const char* leak : {"frame #", "terminate called", "what()", "internal error"}) {
    EXPECT_EQ(err.find(leak), std::string::npos) << err;
  }
  EXPECT_EQ(outcome.after, outcome.before) << "files were made, changed or removed";
}

}  // namespace

void expect_refused(const std::vector<BadCase>& cases) {
  std::vector<Outcome> outcomes(cases.size());
  run_two_at_a_time(cases.size(), [&](std::size_t i) { outcomes[i] = run_case(cases[i]); });
  for (std::size_t i = 0; i < cases.size(); ++i) check(cases[i], outcomes[i]);
}

}  // namespace masala::test
