// The training traces that come with Masala are what today's sampler and simulator give.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <sstream>

#include "cli/csv_rows.h"
#include "cli/run_masala.h"

namespace masala::test {
namespace {

constexpr const char* kTable = "traces/gemmini_sim.csv";
constexpr std::size_t kLayers = 200;
constexpr std::size_t kSampled = 30 * kLayers;  // the rows behind these are among the best

std::string cells_of(const CsvRow& row, std::initializer_list<const char*> columns) {
  std::string text;
  for (const char* column : columns) text += "," + row.at(column);
  return text;
}

std::string shape_of(const CsvRow& row) {
  return cells_of(row,
                  {"prob.R",
                   "prob.S",
                   "prob.P",
                   "prob.Q",
                   "prob.C",
                   "prob.K",
                   "prob.N",
                   "prob.Wstride",
                   "prob.Hstride"});
}

// What a row is, before it is simulated.
std::string identity_of(const CsvRow& row) {
  return row.at("mapping.mapping") + shape_of(row) +
         cells_of(row, {"arch.meshX", "arch.scratchpad_kib", "arch.accumulator_kib"});
}

// The header and every `stride`-th row.
std::string thinned(const std::string& table, std::size_t stride) {
  std::istringstream stream(table);
  std::string line;
  std::string out;
  for (std::size_t i = 0; std::getline(stream, line); ++i) {
    if (i == 0 || i % stride == 0) out += line + "\n";
  }
  return out;
}

TEST(EmbeddedTraces, RowsAreCompleteDistinctAndOfEveryLayer) {
  const std::vector<CsvRow> rows = csv_rows(read_text_file(data_file(kTable)));
  ASSERT_GE(rows.size(), kSampled + kLayers);
  std::set<std::string> mappings;
  std::map<std::string, std::size_t> sampled_of;
  std::set<std::string> found;
  std::size_t full_array = 0;
  std::size_t slower = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const CsvRow& row = rows[i];
    for (const auto& [column, cell] : row) EXPECT_FALSE(cell.empty()) << column;
    const double warm = std::stod(row.at("target.gemmini_cycle"));
    EXPECT_TRUE(std::isfinite(warm));
    // Colder caches cost time; but those that are not full yet evict nothing.
    const double network = std::stod(row.at("target.network_cycle"));
    EXPECT_GT(network, 0.8 * warm);
    EXPECT_LT(network, 4.0 * warm);
    if (network > warm) ++slower;
    EXPECT_EQ(row.at("sim.program"), "clean");
    if (i < kSampled) {
      ++sampled_of[shape_of(row)];
    } else {
      found.insert(shape_of(row));
    }
    mappings.insert(row.at("mapping.mapping") + shape_of(row));
    const std::string& mapping = row.at("mapping.mapping");
    const bool is_full =
        mapping.find("C16X") != std::string::npos && mapping.find("K16X") != std::string::npos;
    if (is_full) ++full_array;
  }
  EXPECT_EQ(mappings.size(), rows.size());
  EXPECT_EQ(sampled_of.size(), kLayers);
  for (const auto& [layer, count] : sampled_of) EXPECT_EQ(count, kSampled / kLayers) << layer;
  // Of some small layers, all of the best had been sampled.
  EXPECT_GE(found.size(), kLayers * 9 / 10);
  EXPECT_GE(full_array, rows.size() * 3 / 10);
  EXPECT_GE(slower, rows.size() * 7 / 10);
}

TEST(EmbeddedTraces, SamplerGivesTheirFirstRows) {
  const TemporaryDirectory directory;
  const Finished run = run_masala(
      directory.path(),
      words_of("sample -a gemmini-rtl -n 400 --seed 1 -w " + data_file("traces/layers.yaml")));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const std::vector<CsvRow> sampled = csv_rows(run.out);
  const std::vector<CsvRow> rows = csv_rows(read_text_file(data_file(kTable)));
  ASSERT_EQ(sampled.size(), 2 * kLayers);
  for (std::size_t i = 0; i < sampled.size(); ++i) {
    EXPECT_EQ(identity_of(sampled[i]), identity_of(rows[i])) << i;
  }
}

TEST(EmbeddedTraces, SimulatorGivesTheirCycles) {
  const TemporaryDirectory directory;
  const std::string some = thinned(read_text_file(data_file(kTable)), 61);
  directory.write("rows.csv", some);
  const std::vector<CsvRow> rows = csv_rows(some);
  for (const auto& [cache, cycles] :
       {std::pair("warm", "target.gemmini_cycle"), std::pair("inputs", "target.network_cycle")}) {
    const Finished run = run_masala(
        directory.path(),
        words_of(std::string("simulate -a gemmini-rtl --traces rows.csv --cache ") + cache));
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const std::vector<CsvRow> simulated = csv_rows(run.out);
    ASSERT_EQ(simulated.size(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(simulated[i].at("target.gemmini_cycle"), rows[i].at(cycles)) << i << ' ' << cache;
      for (const char* column : {"sim.program", "sim.dim", "sim.version"})
        EXPECT_EQ(simulated[i].at(column), rows[i].at(column)) << i << ' ' << column;
    }
    EXPECT_EQ(rows.front().at("sim.cache"), "warm");
  }
}

TEST(EmbeddedTraces, EvaluateReadsThem) {
  const TemporaryDirectory directory;
  const Finished run =
      run_masala(directory.path(),
                 words_of("evaluate -a gemmini-rtl -o scored.csv --traces " + data_file(kTable)));
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err.find("invalid"), std::string::npos) << run.err;
}

}  // namespace
}  // namespace masala::test
