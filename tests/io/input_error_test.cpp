#include "masala/io/input_error.h"

#include <gtest/gtest.h>

#include "io/io_test_support.h"

namespace masala::io {
namespace {

TEST(InputError, MessageHasOnlyTheKnownParts) {
  EXPECT_EQ(located("a.yaml", {3, 7}, "levels[0].name", "missing"),
            "a.yaml:3:7: levels[0].name: missing");
  EXPECT_EQ(located("a.csv", {3}, "", "missing"), "a.csv:3: missing");
  EXPECT_EQ(located("a.json", {0, 9}, "totals", "missing"), "a.json: totals: missing");
}

TEST(Problems, NothingIsThrownWhenThereAreNone) {
  const Problems problems;
  EXPECT_NO_THROW(problems.throw_if_any("summary"));
}

TEST(Problems, AllAreReportedTogetherInOrder) {
  Problems problems;
  problems.add("f", {1}, "b", "first");
  problems.add("f", {1}, "a", "second");
  EXPECT_EQ(error_of([&] { problems.throw_if_any(); }), "f:1: b: first\nf:1: a: second");
}

TEST(Problems, BeyondTwentyAreCounted) {
  Problems problems;
  for (std::size_t line = 1; line <= 23; ++line) problems.add("f", {line}, "", "bad");
  EXPECT_EQ(problems.count(), 23u);
  const std::string text = error_of([&] { problems.throw_if_any("23 of 30 rows bad"); });
  EXPECT_NE(text.find("f:20: bad\n... and 3 more\n23 of 30 rows bad"), std::string::npos) << text;
  EXPECT_EQ(text.find("f:21"), std::string::npos) << text;
}

TEST(Problems, WarningsAreHandedOnAndThrowNothing) {
  Warnings warnings = {"of another file"};
  Problems problems(&warnings);
  problems.warn("f", {1, 2}, "key", "odd");
  EXPECT_NO_THROW(problems.throw_if_any());
  EXPECT_EQ(warnings, (Warnings{"of another file", "f:1:2: key: odd"}));
  for (std::size_t line = 2; line <= 30; ++line) problems.warn("f", {line}, "", "odd");
  ASSERT_EQ(warnings.size(), 1 + kMaxShownProblems + 1);
  EXPECT_EQ(warnings.back(), "f: more warnings; the first ones are shown");
  Problems().warn("f", {1}, "", "odd");  // nobody wants it
}

}  // namespace
}  // namespace masala::io
