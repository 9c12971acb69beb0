#include "masala/io/csv.h"

#include <gtest/gtest.h>

#include "io/io_test_support.h"

namespace masala::io {
namespace {

using Row = std::vector<std::string>;

std::string csv_error(const std::string& text) {
  return error_of([&] { parse_csv(text, "f"); });
}

TEST(Csv, ReadsQuotesLineEndsAndAByteOrderMark) {
  const CsvTable table = parse_csv(
      "\xEF\xBB\xBFname,\"a, b\"\r\n"
      "\"say \"\"hi\"\"\",1\r\n"
      "\r\n"
      " padded , x y \n"
      "\"two\nlines\",\n"
      "last,2",
      "f");
  EXPECT_EQ(table.columns, (Row{"name", "a, b"}));
  ASSERT_EQ(table.rows.size(), 4u);
  EXPECT_EQ(table.rows[0], (Row{"say \"hi\"", "1"}));
  EXPECT_EQ(table.rows[1], (Row{"padded", "x y"}));
  EXPECT_EQ(table.rows[2], (Row{"two\nlines", ""}));
  EXPECT_EQ(table.rows[3], (Row{"last", "2"}));
  EXPECT_EQ(table.lines, (std::vector<std::size_t>{2, 4, 5, 7})) << "where each row starts";
  EXPECT_EQ(table.find("a, b"), std::optional<std::size_t>(1));
  EXPECT_EQ(table.find("b"), std::nullopt);
}

TEST(Csv, LoneCarriageReturnsEndLines) {
  const CsvTable table = parse_csv("a,b\r1,2\r3,4\r", "f");
  EXPECT_EQ(table.rows, (std::vector<Row>{{"1", "2"}, {"3", "4"}}));
  EXPECT_EQ(table.lines, (std::vector<std::size_t>{2, 3}));
}

TEST(Csv, ErrorsNameTheLine) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "f:1: empty; expected a header and at least one row"},
      {"\n \n", "f:1: empty; expected a header and at least one row"},
      {"a,b\n", "f:1: no rows; expected at least one"},
      {"a,b\n1,2\n3\n4,5,6\n",
       "f:3: 1 fields; expected 2, as in the header\n"
       "f:4: 3 fields; expected 2, as in the header"},
      {"a;b\n1;2\n3;4,5\n", "f:1: the separator is ';'; expected ','"},
      {"a\tb\n1\t2\n", "f:1: the separator is a tab; expected ','"},
      {"a,b,a\n1,2,3\n", "f:1: column 3: the name \"a\" occurs twice; expected distinct names"},
      {"a,,b\n1,2,3\n", "f:1: column 2: no name; expected a name"},
      {"a\n1\n\"2\n3\n", "f:3: quote never closed; expected a closing quote"},
      {"a\n1\nx\"y\n",
       "f:3: quote inside a field; expected quotes around whole fields, doubled inside"},
      {std::string("a\n1\0\n", 5), "f:2: control character; expected a text file"},
      {"a\n\xff\n", "f:2: not UTF-8; expected a text file"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(csv_error(text), expected) << text;
}

TEST(Csv, RaggedRowsMayBeKept) {
  const CsvTable table = parse_csv("a,b\n1\n2,3\n4,5,6\n", "f", RaggedRows::keep);
  EXPECT_EQ(table.rows, (std::vector<Row>{{"1", ""}, {"2", "3"}, {"4", "5"}}));
  EXPECT_EQ(table.ragged, (std::map<std::size_t, std::size_t>{{0, 1}, {2, 3}}));
}

TEST(Csv, RoundTripKeepsEveryField) {
  CsvTable table;
  table.columns = {"a", "b, c", "d"};
  table.rows = {{"", " x", "y "}, {"q\"q", "l\nl", "r\r"}, {"\t", "\"", ","}, {"", "", ""}};
  const CsvTable again = parse_csv(to_csv(table), "f");
  EXPECT_EQ(again.columns, table.columns);
  EXPECT_EQ(again.rows, table.rows);
  EXPECT_EQ(to_csv(parse_csv("a,b\n1,x y\n", "f")), "a,b\n1,x y\n") << "no quotes without need";

  table.columns = {"only"};
  table.rows = {{""}, {"x"}};
  EXPECT_EQ(parse_csv(to_csv(table), "f").rows, table.rows);
}

}  // namespace
}  // namespace masala::io
