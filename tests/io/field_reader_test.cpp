#include "io/field_reader.h"

#include <functional>

#include <gtest/gtest.h>

#include "io/io_test_support.h"

namespace masala::io {
namespace {

// What `read` reports about a document.
std::string report(const std::string& yaml, const std::function<void(MapReader&)>& read) {
  const Document document = parse_yaml(yaml, "f");
  Problems problems;
  MapReader map(root_field(document, problems));
  read(map);
  return error_of([&] { problems.throw_if_any(); });
}

TEST(FieldReader, WrongValuesSayWhatWasExpected) {
  using Read = std::function<void(const Field&)>;
  const Read integer = [](const Field& field) { field.integer(1, 10); };
  const Read number = [](const Field& field) { field.number(0.0); };
  const Read any_number = [](const Field& field) { field.number(); };
  const Read positive = [](const Field& field) { field.positive_number(); };
  const Read text = [](const Field& field) { field.text(); };
  const Read identifier = [](const Field& field) { field.identifier(); };
  const Read flag = [](const Field& field) { field.flag(); };
  const Read list = [](const Field& field) { field.list(); };
  const Read map = [](const Field& field) { MapReader reader(field); };
  const Read seed = [](const Field& field) { field.unsigned_integer(); };
  const std::string name = "a name of letters, digits, '_' and '-' that starts with a letter";
  const struct {
    const char* value;
    Read read;
    std::string expected;
  } cases[] = {
      {"0", integer, "got 0; expected an integer from 1 to 10"},
      {"11", integer, "got 11; expected an integer from 1 to 10"},
      {"2.5", integer, "got 2.5; expected an integer from 1 to 10"},
      {"99999999999999999999",
       integer,
       "got 99999999999999999999; expected an integer from 1 to 10"},
      {"'3'", integer, "got the text \"3\"; expected an integer from 1 to 10"},
      {"fast", integer, "got \"fast\"; expected an integer from 1 to 10"},
      {"[3]", integer, "got a list; expected an integer from 1 to 10"},
      {"-1", number, "got -1; expected a number >= 0"},
      {".nan", any_number, "got \".nan\"; expected a number"},
      {".inf", any_number, "got \".inf\"; expected a number"},
      {"1e999", any_number, "got \"1e999\"; expected a number"},
      {"0", positive, "got 0; expected a number > 0"},
      {"{a: 1}", text, "got a map; expected a text that is not empty"},
      {"''", text, "got the text \"\"; expected a text that is not empty"},
      {"8x", identifier, "got \"8x\"; expected " + name},
      {"yes", flag, "got \"yes\"; expected true or false"},
      {"3", list, "got 3; expected a list"},
      {"[]", map, "got a list; expected a map"},
      {"-1", seed, "got -1; expected an integer from 0 to 2^64 - 1"},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(report("k: " + std::string(test.value),
                     [&](MapReader& top) { test.read(top.required("k")); }),
              "f:1:4: k: " + test.expected);
  }
}

TEST(FieldReader, AKeyWithoutAValueIsReportedAtTheKey) {
  EXPECT_EQ(
      report("a: 1\nb:\n  k:\n  l: 2\n",
             [](MapReader& map) { MapReader(map.required("b")).required("k").integer(1, 10); }),
      "f:3:3: b.k: got nothing; expected an integer from 1 to 10");
}

TEST(FieldReader, GoodValuesAreReturned) {
  const Document document =
      parse_yaml("{i: 1e3, n: -2, t: 8_2, f: true, s: 18446744073709551615, l: [1, 2]}", "f");
  Problems problems;
  MapReader map(root_field(document, problems));
  EXPECT_EQ(map.required("i").integer(1, 1000), std::optional<std::int64_t>(1000));
  EXPECT_EQ(map.required("n").number(), std::optional<double>(-2.0));
  EXPECT_EQ(map.required("t").text(), std::optional<std::string>("8_2"));
  EXPECT_EQ(map.required("f").flag(), std::optional<bool>(true));
  EXPECT_EQ(map.required("s").unsigned_integer(), std::optional<std::uint64_t>(UINT64_MAX));
  EXPECT_EQ(map.required("l").list().size(), 2u);
  EXPECT_EQ(map.optional("absent").integer(1, 2), std::nullopt);
  map.finish();
  EXPECT_TRUE(problems.empty());
}

TEST(FieldReader, MissingKeysPointAtTheirMap) {
  EXPECT_EQ(report("a: 1\nb:\n  c: 2\n",
                   [](MapReader& map) {
                     MapReader inner(map.required("b"));
                     inner.required("d");
                   }),
            "f:3:3: b.d: missing; expected it in this map");
}

TEST(FieldReader, UnknownAndDuplicateKeysAreReportedAtTheKey) {
  const auto read = [](MapReader& map) {
    map.optional("capacity_kib");
    map.optional("name");
    map.finish();
  };
  EXPECT_EQ(report("capcity_kib: 3\n", read),
            "f:1:1: capcity_kib: unknown key (did you mean capacity_kib?)");
  EXPECT_EQ(report("zebra: 3\n", read),
            "f:1:1: zebra: unknown key; expected one of capacity_kib, name");
  EXPECT_EQ(report("name: a\nname: b\n", read), "f:2:1: name: given twice; expected each key once");
}

TEST(FieldReader, RootMustBeAMap) {
  EXPECT_EQ(report("- 1\n", [](MapReader& map) { map.required("a"); }),
            "f:1:1: got a list; expected a map");
}

}  // namespace
}  // namespace masala::io
