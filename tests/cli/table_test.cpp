// One table, four renderings; and the line of progress.
#include "cli/table.h"

#include <gtest/gtest.h>

#include <cmath>

#include <nlohmann/json.hpp>

#include "cli/progress_bar.h"

namespace masala::cli {
namespace {

Table layers() {
  Table table;
  table.columns = {{"layer", "layer", "", {}, Align::left},
                   {"", "times", "", {}},
                   {"cycles", "cycles", "", Format::grouped()},
                   {"energy_uj", "energy", "uJ", Format::grouped(1)},
                   {"use", "% PEs", "", Format::percent()},
                   {"seed", "", "", {}}};
  table.rows = {{"a<b", std::int64_t{2}, 1234567.0, 0.25, 0.5, std::int64_t{7}},
                {"c,d", std::int64_t{1}, Cell(), 1000.0, 0.125, std::int64_t{8}}};
  return table;
}

TEST(Table, PeopleSeeTitlesUnitsAndRoundedNumbers) {
  EXPECT_EQ(to_text(layers()),
            "layer  times     cycles  energy uJ  % PEs\n"
            "-----------------------------------------\n"
            "a<b        2  1,234,567        0.2   50.0\n"
            "c,d        1          -    1,000.0   12.5\n");
  EXPECT_EQ(text_width(layers()), 41U);
}

TEST(Table, ProgramsGetKeysAndNumbersInFull) {
  const nlohmann::ordered_json expected = {
      {{"layer", "a<b"}, {"cycles", 1234567.0}, {"energy_uj", 0.25}, {"use", 0.5}, {"seed", 7}},
      {{"layer", "c,d"}, {"cycles", nullptr}, {"energy_uj", 1000.0}, {"use", 0.125}, {"seed", 8}}};
  EXPECT_EQ(to_json(layers()), expected);
  EXPECT_EQ(to_csv(layers()),
            "layer,cycles,energy_uj,use,seed\n"
            "a<b,1234567,0.25,0.5,7\n"
            "\"c,d\",,1000,0.125,8\n");
}

TEST(Table, HtmlIsEscapedAndTextAlignedLeft) {
  const std::string html = to_html(layers());
  EXPECT_NE(html.find("<th class=\"left\">layer</th><th>times</th>"), std::string::npos) << html;
  EXPECT_NE(html.find("<td class=\"left\">a&lt;b</td><td>2</td>"), std::string::npos) << html;
}

TEST(Table, AColumnIsLeftOutByItsKey) {
  EXPECT_EQ(to_csv(layers().without("use").without("seed")),
            "layer,cycles,energy_uj\na<b,1234567,0.25\n\"c,d\",,1000\n");
}

TEST(Table, CellsOfTextThatAreNumbersBecomeOnes) {
  const nlohmann::ordered_json expected = {
      {{"a", 12}, {"b", 1.5}, {"c", nullptr}, {"d", "x"}, {"e", "0x1"}}};
  EXPECT_EQ(to_json(table_of({"a", "b", "c", "d", "e"}, {{"12", "1.5", "", "x", "0x1"}})),
            expected);
}

TEST(Table, NumbersThatAreNoneAreNothing) {
  EXPECT_EQ(number_or_nothing(NAN), Cell());
  EXPECT_EQ(number_or_nothing(2.0), Cell(2.0));
}

TEST(ProgressLine, HasABarAndTheTimeLeftAndIsCutToTheTerminal) {
  const app::Progress progress{"descent", 0.25, 1200, "evaluations", 2.5e9, "uJ.cycles"};
  EXPECT_EQ(progress_text(progress, 10.0, std::nullopt),
            "descent:  25 %  1,200 evaluations, best 2.5e+09 uJ.cycles, ETA 30.0 s");
  EXPECT_EQ(progress_text(progress, 10.0, 200),
            "descent      [######..................]  25 %  1,200 evaluations, best 2.5e+09 "
            "uJ.cycles, ETA 30.0 s");
  EXPECT_EQ(progress_text(progress, 10.0, 30), "descent      [######.........");
  EXPECT_EQ(progress_text(progress, 10.0, 1), "");
}

}  // namespace
}  // namespace masala::cli
