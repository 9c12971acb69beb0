#include "masala/io/trace_csv.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "io/io_test_support.h"
#include "masala/io/accelerator_yaml.h"

namespace masala::io {
namespace {

using model::Accelerator;
using model::Dim;

const Accelerator& gemmini() {
  static const Accelerator accelerator = read_accelerator(data_path("accelerators/gemmini.yaml"));
  return accelerator;
}

// A row of a matrix multiply with P = 4, C = 8, K = 2; `columns` and `cells` are appended.
const std::string kHeader = "mapping.mapping,prob.R,prob.S,prob.P,prob.Q,prob.C,prob.K,prob.N";
const std::string kRow = "L3[WIO] P4 - L2[WI] K2X - L1[O] C8X - L0[W] N1,1,1,4,1,8,2,1";

TraceTable parse(const std::string& text, const TraceOptions& options = {}) {
  const RaggedRows ragged = options.skip_invalid ? RaggedRows::keep : RaggedRows::refuse;
  return parse_traces(parse_csv(text, "f", ragged), gemmini(), options);
}

TraceRow row_with(const std::string& columns,
                  const std::string& cells,
                  const TraceOptions& options = {}) {
  return parse(kHeader + columns + "\n" + kRow + cells + "\n", options).rows.at(0).value();
}

std::string error_with(const std::string& columns,
                       const std::string& cells,
                       const TraceOptions& options = {}) {
  std::string text = error_of([&] { row_with(columns, cells, options); });
  return text.substr(0, text.find("\nf: "));  // without the count of bad rows
}

double value(const model::Hardware& hardware, const char* key) {
  return model::hardware_value(gemmini(), hardware, key).value();
}

TEST(TraceCsv, AbsentColumnsDefault) {
  const TraceRow row = row_with("", "");
  EXPECT_EQ(row.line, 2u);
  EXPECT_EQ(row.layer.bounds.values, (std::array<std::int64_t, 7>{1, 1, 4, 1, 8, 2, 1}));
  EXPECT_EQ(row.layer.stride_w * row.layer.stride_h * row.layer.dilation_w * row.layer.groups, 1);
  EXPECT_EQ(value(row.hardware, "pe_dim"), 16);
  EXPECT_EQ(value(row.hardware, "scratchpad_kib"), 256);
  EXPECT_EQ(value(row.hardware, "accumulator_kib"), 64);
  EXPECT_EQ(row.mapping.levels[2].spatial[Dim::K], 2);
  EXPECT_FALSE(row.measured_cycles.has_value());
}

TEST(TraceCsv, LayerColumnsAreRead) {
  const TraceRow row = row_with(
      ",prob.Wstride,prob.Hstride,prob.Wdilation,prob.Hdilation,prob.groups", ",2.0,3,4,1e1,6");
  EXPECT_EQ(row.layer.stride_w, 2);
  EXPECT_EQ(row.layer.stride_h, 3);
  EXPECT_EQ(row.layer.dilation_w, 4);
  EXPECT_EQ(row.layer.dilation_h, 10);
  EXPECT_EQ(row.layer.groups, 6);
}

TEST(TraceCsv, HardwareComesFromWordsOrKib) {
  // scratchpad: entries are words; accumulator: depth x 4 bytes x pe_dim instances.
  const model::Hardware words =
      row_with(",arch.meshX,arch.mem2_entries,arch.mem1_depth", ",32,8192,512").hardware;
  EXPECT_EQ(value(words, "pe_dim"), 32);
  EXPECT_EQ(value(words, "scratchpad_kib"), 8);
  EXPECT_EQ(value(words, "accumulator_kib"), 512 * 4 * 32 / 1024);
  // The other column of the pair: rows of pe_dim words; words where a row holds one.
  const model::Hardware rows =
      row_with(",arch.meshX,arch.mem2_depth,arch.mem1_entries", ",32,256,512").hardware;
  EXPECT_EQ(value(rows, "scratchpad_kib"), 8);
  EXPECT_EQ(value(rows, "accumulator_kib"), 64);
  // Columns named by hardware keys come first.
  const model::Hardware keys =
      row_with(",arch.meshX,arch.pe_dim,arch.mem2_entries,arch.scratchpad_kib", ",32,8,8192,2.5")
          .hardware;
  EXPECT_EQ(value(keys, "pe_dim"), 8);
  EXPECT_EQ(value(keys, "scratchpad_kib"), 2.5);
}

TEST(TraceCsv, RowsComeBeforeFixedValuesAndTheseBeforeDefaults) {
  TraceOptions options;
  options.fixed = {{"pe_dim", 64}, {"scratchpad_kib", 12}};
  const model::Hardware hardware = row_with(",arch.meshX,arch.mem1_depth", ",8,", options).hardware;
  EXPECT_EQ(value(hardware, "pe_dim"), 8);
  EXPECT_EQ(value(hardware, "scratchpad_kib"), 12);
  EXPECT_EQ(value(hardware, "accumulator_kib"), 64) << "the empty cell says nothing";
  options.fixed = {{"scratchpd_kib", 12}};
  EXPECT_EQ(error_of([&] { row_with("", "", options); }),
            "scratchpd_kib: unknown hardware key; expected one of pe_dim, scratchpad_kib, "
            "accumulator_kib "
            "(did you mean scratchpad_kib?)");
  options.fixed = {{"pe_dim", 2147483648.0}};
  EXPECT_EQ(error_of([&] { row_with("", "", options); }),
            "pe_dim: got 2147483648; expected an integer from 1 to 2147483647");
}

TEST(TraceCsv, MeasuredCyclesAreReadWhereAskedFor) {
  TraceOptions options;
  options.target_column = "target.gemmini_cycle";
  EXPECT_EQ(row_with(",target.gemmini_cycle", ",1234.0", options).measured_cycles,
            std::optional<double>(1234));
  EXPECT_EQ(error_with(",target.gemmini_cycle", ",", options),
            "f:2: target.gemmini_cycle: empty; expected a number > 0");
  EXPECT_EQ(error_with(",target.gemmini_cycles", ",3", options),
            "f:1: target.gemmini_cycle: column missing; expected it in the header (did you mean "
            "target.gemmini_cycles?)");
  EXPECT_EQ(error_with(",fpga_Cycles,cycle_note,masala.cycles", ",3,x,4", options),
            "f:1: target.gemmini_cycle: column missing; expected it in the header, or another one "
            "by --target COLUMN or --against COLUMN (named like cycles: fpga_Cycles)");
}

TEST(TraceCsv, BadCellsNameTheirColumn) {
  const struct {
    const char* column;
    const char* cell;
    const char* expected;
  } cases[] = {
      {"prob.groups", "0", "got \"0\"; expected an integer from 1 to 2147483648"},
      {"prob.groups", "-1", "got \"-1\"; expected an integer from 1 to 2147483648"},
      {"prob.groups", "2.5", "got \"2.5\"; expected an integer from 1 to 2147483648"},
      {"prob.groups", "nan", "got \"nan\"; expected an integer from 1 to 2147483648"},
      {"prob.groups",
       "99999999999999999999",
       "got \"99999999999999999999\"; expected an integer from 1 to 2147483648"},
      {"arch.meshX", "x", "got \"x\"; expected an integer from 1 to 2147483647"},
      // The edge of an array is counted in an int.
      {"arch.meshX", "2147483648", "got \"2147483648\"; expected an integer from 1 to 2147483647"},
      {"arch.mem2_entries", "1e30", "got \"1e30\"; expected an integer from 1 to 1099511627776"},
      {"arch.scratchpad_kib", "-2", "got \"-2\"; expected a number > 0, at most 2147483647"},
      {"arch.scratchpad_kib",
       "2147483648",
       "got \"2147483648\"; expected a number > 0, at most 2147483647"},
      {"arch.mem1_entries",
       "1099511627776",
       "68719476736 KiB in all instances; expected at most 2147483647"},
  };
  for (const auto& test : cases) {
    const std::string column(test.column);
    EXPECT_EQ(error_with("," + column, "," + std::string(test.cell)),
              "f:2: " + column + ": " + test.expected);
  }
}

TEST(TraceCsv, MissingColumnsAreAllNamed) {
  EXPECT_EQ(error_of([] {
              parse("mapping.mapping,prob.R,prob.S,prob.P,prob.Q,prob.c,prob.N\nx,1,1,1,1,1,1\n");
            }),
            "f:1: prob.C: column missing; expected it in the header (did you mean prob.c?)\n"
            "f:1: prob.K: column missing; expected it in the header (did you mean prob.R?)");
}

TEST(TraceCsv, MappingsMustBelongToTheirLayerAndFit) {
  EXPECT_EQ(error_with(",arch.meshX", ",4"),
            "f:2: mapping.mapping: C8X at accumulator: spatial factor 8; expected at most 4");
  const std::string tail = ",1,1,4,1,8,2,1\n";
  const auto first_line = [&](const std::string& mapping) {
    const std::string text = error_of([&] { parse(kHeader + "\n" + mapping + tail); });
    return text.substr(0, text.find('\n'));
  };
  EXPECT_EQ(first_line("L3[WIO] P2 - L2[WI] K2X - L1[O] C8X - L0[W] N1"),
            "f:2: mapping.mapping: P factors multiply to 2 (dram 2, scratchpad 1, accumulator 1, "
            "registers 1); expected the layer's P = 4");
  EXPECT_EQ(
      first_line("L3[WIO] Z2"),
      "f:2: mapping.mapping: mapping, character 9: got \"Z2\"; expected a dimension R S P Q C K N "
      "and a factor from 1 to 2147483648, X for spatial, as K16 or C16X");
  EXPECT_EQ(first_line(""),
            "f:2: mapping.mapping: mapping, character 1: the text ends; expected L3[WIO]");
}

TEST(TraceCsv, ImperfectFactorsAreReadOnRequest) {
  const std::string text =
      kHeader + "\nL3[WIO] P2 - L2[WI] K2X - L1[O] P3 C8X - L0[W] N1,1,1,4,1,8,2,1\n";
  EXPECT_EQ(
      error_of([&] { parse(text); }).rfind("f:2: mapping.mapping: P factors multiply to 6", 0), 0U);
  TraceOptions options;
  options.factors = model::Factors::imperfect;
  EXPECT_EQ(parse(text, options).rows.at(0)->mapping.levels[1].temporal[Dim::P], 3);
  // Three tiles of three rows for four of them: the last is without work.
  const std::string empty_tile =
      kHeader + "\nL3[WIO] P3 - L2[WI] K2X - L1[O] P3 C8X - L0[W] N1,1,1,4,1,8,2,1\n";
  EXPECT_NE(error_of([&] { parse(empty_tile, options); }).find("iterations without work"),
            std::string::npos);
}

TEST(TraceCsv, FitMayBeCheckedAgainstOtherSizes) {
  TraceOptions options;
  options.checked_with = {{"pe_dim", 8}};
  const TraceRow row = row_with(",arch.meshX", ",4", options);
  EXPECT_EQ(value(row.hardware, "pe_dim"), 4) << "the row's own value is kept";
}

TEST(TraceCsv, InvalidRowsAreCountedOrSkipped) {
  const std::string text =
      kHeader + ",note\n" + kRow + ",good\n" + "L3,1,1,0,1,8,2.5,1,bad\n" + kRow + "\n";
  EXPECT_EQ(error_of([&] { parse(text); }), "f:4: 8 fields; expected 9, as in the header");
  TraceOptions options;
  options.skip_invalid = true;
  const TraceTable table = parse(text, options);
  ASSERT_EQ(table.rows.size(), 3u);
  EXPECT_EQ(table.num_valid(), 1u);
  EXPECT_TRUE(table.rows[0].has_value());
  EXPECT_EQ(table.notes[0], "");
  EXPECT_EQ(table.notes[1],
            "prob.P: got \"0\"; expected an integer from 1 to 2147483648 | "
            "prob.K: got \"2.5\"; expected an integer from 1 to 2147483648");
  EXPECT_EQ(table.notes[2], "8 fields; expected 9, as in the header");
  EXPECT_EQ(table.csv.rows[1].back(), "bad") << "unknown columns are kept";
}

TEST(TraceCsv, BadRowsAreCountedAtTheEnd) {
  std::string text = kHeader + "\n" + kRow + "\n";
  for (int i = 0; i < 25; ++i) text += "L3,1,1,0,1,8,2,1\n";
  const std::string error = error_of([&] { parse(text); });
  EXPECT_NE(
      error.find(
          "f:22: prob.P: got \"0\"; expected an integer from 1 to 2147483648\n... and 5 more\n"
          "f: 25 of 26 rows bad, none loaded; expected valid rows, or --skip-invalid"),
      std::string::npos)
      << error;
}

TEST(TraceCsv, EveryTimeloopRowIsRead) {
  for (const char* name :
       {"timeloop/networks.csv", "timeloop/stress.csv", "firesim/searched_designs.csv"}) {
    const std::string path = reference_path(name);
    if (path.empty()) GTEST_SKIP() << name << " is not there: set MASALA_REFERENCE_DIR";
    const TraceTable table = read_traces(path, gemmini());
    EXPECT_EQ(table.num_valid(), table.csv.rows.size());
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      // The text form reads back as the same words, in the canonical order.
      const std::string text = model::to_text(table.rows[i]->mapping, gemmini());
      const model::ParsedMapping parsed = model::parse_mapping(text, gemmini());
      ASSERT_TRUE(parsed.problems.empty());
      EXPECT_EQ(model::to_text(parsed.mapping, gemmini()), text);
    }
  }
}

}  // namespace
}  // namespace masala::io
