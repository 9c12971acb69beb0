#include "masala/io/growing_table.h"

#include <gtest/gtest.h>

#include "io/io_test_support.h"
#include "masala/io/csv.h"

namespace masala::io {
namespace {

using Start = GrowingTable::Start;
using Row = std::vector<std::string>;

const Row kColumns = {"id", "text", "result"};
const std::vector<Row> kExpected = {{"1", "a, \"b\"", ""}, {"2", "two\nlines", ""}, {"3", "", ""}};
const Origin kOrigin = {{"input", "abc"}, {"setting", "1"}};

Row finished(std::size_t i) {
  Row row = kExpected[i];
  row[2] = std::to_string(10 * i);
  return row;
}

class GrowingTableTest : public ::testing::Test {
 protected:
  GrowingTable open(Start start, const Origin& origin = kOrigin) const {
    return GrowingTable(path_, kColumns, kExpected, origin, start);
  }
  // Leaves a partial file with the first rows.
  void interrupt_after(std::size_t rows) const {
    GrowingTable table = open(Start::fresh);
    for (std::size_t i = 0; i < rows; ++i) table.append(finished(i));
  }
  std::string error(Start start, const Origin& origin = kOrigin) const {
    return error_of([&] { open(start, origin); });
  }
  void expect_whole() const {
    EXPECT_EQ(get(path_),
              to_csv_line(kColumns) + to_csv_line(finished(0)) + to_csv_line(finished(1)) +
                  to_csv_line(finished(2)));
    EXPECT_EQ(folder_.num_entries(), 1U);
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.file("t.csv");
  std::string partial_ = path_ + ".partial";
};

TEST_F(GrowingTableTest, TheTargetAppearsOnlyWhenComplete) {
  put(path_, "old");
  GrowingTable table = open(Start::overwrite);
  for (std::size_t i = 0; i < kExpected.size(); ++i) {
    table.append(finished(i));
    EXPECT_EQ(get(path_), "old");
    EXPECT_NE(get(partial_).find(to_csv_line(finished(i))), std::string::npos) << "not buffered";
  }
  table.complete();
  expect_whole();
}

TEST_F(GrowingTableTest, RowsOfAnInterruptedRunAreKept) {
  interrupt_after(2);
  GrowingTable table = open(Start::resume);
  EXPECT_EQ(table.resumed(), (std::vector<Row>{finished(0), finished(1)}));
  EXPECT_FALSE(table.was_complete());
  table.append(finished(2));
  table.complete();
  expect_whole();
}

TEST_F(GrowingTableTest, AnyPieceOfAFileIsResumed) {
  interrupt_after(3);
  const std::string whole = get(partial_);
  const std::string origin = get(partial_ + ".json");
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    put(partial_, whole.substr(0, length));
    put(partial_ + ".json", origin);
    GrowingTable table = open(Start::resume);
    for (std::size_t i = table.resumed().size(); i < kExpected.size(); ++i) {
      table.append(finished(i));
    }
    table.complete();
    expect_whole();
    std::filesystem::remove(path_);
  }
}

TEST_F(GrowingTableTest, ResumingWhatIsCompleteOrNotBegunIsFine) {
  {
    GrowingTable table = open(Start::resume);
    EXPECT_TRUE(table.resumed().empty());
    for (std::size_t i = 0; i < kExpected.size(); ++i) table.append(finished(i));
    table.complete();
  }
  EXPECT_TRUE(open(Start::resume).was_complete());
  expect_whole();
}

TEST_F(GrowingTableTest, WhatBelongsToAnotherRunIsRefusedAndKept) {
  put(path_, "precious");
  EXPECT_EQ(error(Start::fresh), path_ + ": exists; expected a new path, or --force");
  EXPECT_EQ(error(Start::resume),
            path_ + ":1: another header; expected the table of this run, or --force to start anew");
  std::filesystem::remove(path_);
  interrupt_after(1);
  const std::string kept = get(partial_);
  EXPECT_EQ(error(Start::fresh),
            partial_ +
                ": exists, of an interrupted run; expected --resume to go on with it, or --force "
                "to start anew");
  EXPECT_EQ(error(Start::resume, {{"input", "abc"}, {"setting", "2"}}),
            partial_ +
                ".json: made_from.setting: got \"1\"; expected \"2\" as in this run, or --force to "
                "start anew");
  EXPECT_EQ(get(partial_), kept);
  put(partial_, kept + "7,x,\n");
  EXPECT_EQ(error(Start::resume),
            partial_ +
                ":3: a row of another input; expected the table of this run, or --force to "
                "start anew");
  GrowingTable table = open(Start::overwrite);
  EXPECT_TRUE(table.resumed().empty());
}

TEST_F(GrowingTableTest, EveryDifferenceOfAnotherRunIsNamed) {
  interrupt_after(1);
  const std::string json = partial_ + ".json: made_from.";
  EXPECT_EQ(
      error(Start::resume, {{"setting", "2"}, {"cache", "warm"}}),
      json + "cache: got nothing; expected \"warm\" as in this run, or --force to start anew\n" +
          json + "input: got \"abc\"; expected nothing as in this run, or --force to start anew\n" +
          json + "setting: got \"1\"; expected \"2\" as in this run, or --force to start anew");
}

TEST_F(GrowingTableTest, DamageIsRefusedAndKept) {
  interrupt_after(2);
  const std::string kept = get(partial_);
  const std::string origin = get(partial_ + ".json");
  for (const char* damaged : {"",
                              "{",
                              "[]",
                              "3",
                              "{\"schema\": 1}",
                              "{\"schema\": {}}",
                              "{\"schema\": \"masala.partial/1\"}",
                              "{\"schema\": \"masala.partial/1\", \"made_from\": []}"}) {
    put(partial_ + ".json", damaged);
    EXPECT_EQ(error(Start::resume),
              partial_ +
                  ".json: missing or damaged; expected it next to the partial table, or "
                  "--force to start anew");
  }
  put(partial_ + ".json", origin);
  std::string damaged = kept;
  damaged[damaged.size() - 3] = '\0';
  put(partial_, damaged);
  EXPECT_EQ(error(Start::resume),
            partial_ + ":4: control character; expected a text file\n" + partial_ +
                ": damaged; expected the table of this run, or --force to start anew");
  EXPECT_EQ(get(partial_), damaged);
  put(partial_, kept);
  EXPECT_EQ(open(Start::resume).resumed().size(), 2U);
}

TEST_F(GrowingTableTest, ACompleteTableOfAnotherRunIsRefused) {
  const auto finish = [&](Start start) {
    GrowingTable table = open(start);
    for (std::size_t i = 0; i < kExpected.size(); ++i) table.append(finished(i));
    table.complete();
  };
  const Origin other = {{"input", "abc"}, {"setting", "2"}};
  const std::string provenance = path_ + ".provenance.json";
  finish(Start::fresh);
  EXPECT_TRUE(open(Start::resume, other).was_complete()) << "nothing says what it was made from";
  put(provenance, "{\"seed\": 0, \"origin\": {\"input\": \"abc\", \"setting\": \"1\"}}");
  EXPECT_TRUE(open(Start::resume).was_complete());
  EXPECT_EQ(
      error(Start::resume, other),
      provenance +
          ": origin.setting: got \"1\"; expected \"2\" as in this run, or --force to start anew");
  for (const char* silent : {"", "{", "{\"seed\": 0}", "{\"origin\": 3}"}) {
    put(provenance, silent);
    EXPECT_TRUE(open(Start::resume).was_complete()) << silent;
  }
  finish(Start::overwrite);
  EXPECT_FALSE(std::filesystem::exists(provenance)) << "it was of the table before";
}

}  // namespace
}  // namespace masala::io
