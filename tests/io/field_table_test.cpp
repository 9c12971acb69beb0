#include "io/field_table.h"

#include <optional>

#include <gtest/gtest.h>

#include "io/codecs.h"
#include "io/io_test_support.h"

namespace masala::io {
namespace {

struct Limits {
  double low = 0.0;
  double high = 1.0;
};

struct Part {
  std::string name;
  int count = 1;
  std::optional<Limits> limits;
  std::vector<std::string> tags;
};

FieldTable<Limits> limit_fields() {
  FieldTable<Limits> fields;
  fields.required("low", &Limits::low, number()).means("the least");
  fields.required("high", &Limits::high, number());
  return fields;
}

FieldTable<Part> part_fields() {
  FieldTable<Part> fields;
  fields.required("name", &Part::name, identifier()).means("distinct");
  fields.recent("count", &Part::count, integer<int>(1, 9));
  fields.optional("limits", &Part::limits, maybe(map_of(limit_fields())));
  fields.optional("tags", &Part::tags, list_of(text()));
  return fields;
}

// What is wrong with a document, or what it is written as.
template <class T>
std::string outcome(const FieldTable<T>& fields, const std::string& yaml) {
  const Document document = parse_yaml(yaml, "f");
  return error_of([&] {
    Problems problems;
    T object;
    fields.read(root_field(document, problems), object);
    problems.throw_if_any();
    throw InputError(fields.write(object).dump());
  });
}

TEST(FieldTable, ReadsWhatItWrites) {
  const std::string full =
      R"({"name":"a","count":3,"limits":{"low":0.5,"high":2},"tags":["x","y"]})";
  EXPECT_EQ(outcome(part_fields(), full), full);
}

TEST(FieldTable, OptionalFieldsAreLeftOutAndRecentOnesWritten) {
  EXPECT_EQ(outcome(part_fields(), "name: a"), R"({"name":"a","count":1})");
  EXPECT_EQ(outcome(part_fields(), "{name: a, tags: []}"), R"({"name":"a","count":1})");
}

TEST(FieldTable, ReportsProblemsInItsOrder) {
  EXPECT_EQ(outcome(part_fields(), "{tags: 3, limits: {low: x}, nam: a}"),
            "f:1:1: name: missing; expected it in this map\n"
            "f:1:25: limits.low: got \"x\"; expected a number\n"
            "f:1:19: limits.high: missing; expected it in this map\n"
            "f:1:8: tags: got 3; expected a list\n"
            "f:1:29: nam: unknown key (did you mean name?)");
}

TEST(FieldTable, NullIsNothingWhereItMayBe) {
  FieldTable<Part> fields;
  fields.required("limits", &Part::limits, maybe(map_of(limit_fields()), true));
  EXPECT_EQ(outcome(fields, "limits: null"), R"({"limits":null})");
  EXPECT_EQ(outcome(part_fields(), "{name: a, limits: null}"),
            "f:1:11: limits: got nothing; expected a map");
}

TEST(FieldTable, FieldsMayGoTogether) {
  FieldTable<Part> fields;
  fields.together(&Part::limits, limit_fields());
  EXPECT_EQ(outcome(fields, "{}"), "{}");
  EXPECT_EQ(outcome(fields, "{high: 3, low: 2}"), R"({"low":2,"high":3})");
  EXPECT_EQ(outcome(fields, "{high: 3}"), "f:1:1: low: missing; expected it in this map");
}

TEST(FieldTable, FieldsMayExcludeEachOther) {
  FieldTable<Limits> fields;
  fields.optional("low", &Limits::low, number());
  fields.optional("high", &Limits::high, number());
  fields.exactly_one("low", "high");
  EXPECT_EQ(outcome(fields, "high: 3"), R"({"high":3})");
  for (const char* wrong : {"{}", "{low: 1, high: 2}"}) {
    EXPECT_EQ(outcome(fields, wrong), "f:1:1: got both or neither; expected one of low and high");
  }
}

TEST(FieldTable, ReadingMayEndAtTheFirstProblem) {
  FieldTable<Limits> fields;
  fields.required("low", &Limits::low, number());
  fields.stop_if_wrong();
  fields.required("high", &Limits::high, number());
  EXPECT_EQ(outcome(fields, "{low: x, high: y}"), "f:1:7: low: got \"x\"; expected a number");
}

TEST(FieldTable, NamesThatTheFileChoosesAreKeys) {
  using Amount = std::pair<std::string, double>;
  struct Amounts {
    std::vector<Amount> all;
  };
  FieldTable<Amounts> fields;
  fields.optional("m", &Amounts::all, by_name("map", &Amount::first, &Amount::second, number(0.0)));
  EXPECT_EQ(outcome(fields, "m: {b: 2, a: 0.5}"), R"({"m":{"b":2,"a":0.5}})");
  EXPECT_EQ(outcome(fields, "m: {2b: 2, a: -1}"),
            "f:1:9: m.2b: name \"2b\"; expected letters, digits, '_' and '-'\n"
            "f:1:15: m.a: got -1; expected a number >= 0");
}

TEST(FieldTable, DescribesItsFields) {
  EXPECT_EQ(markdown_table(part_fields().describe()),
            "| field | type | default | meaning |\n"
            "|---|---|---|---|\n"
            "| `name` | name | required | distinct |\n"
            "| `count` | integer 1 to 9 | `1` |  |\n"
            "| `limits` | map | none |  |\n"
            "| `limits.low` | number | required | the least |\n"
            "| `limits.high` | number | required |  |\n"
            "| `tags` | list: text | none |  |\n");
}

}  // namespace
}  // namespace masala::io
