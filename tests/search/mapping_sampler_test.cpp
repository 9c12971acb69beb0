#include "search/sampling/mapping_sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>

#include "masala/model/evaluator.h"
#include "search/space/mapspace.h"
#include "support/accelerators.h"
#include "support/builders.h"

namespace masala::search {
namespace {

using masala::testing::layer_of;
using model::Dim;

MappingSampleRequest request_of(std::vector<model::Layer> layers, std::int64_t count) {
  MappingSampleRequest request;
  request.accelerator = masala::testing::gemmini();
  request.layers = std::move(layers);
  request.count = count;
  request.seed = 5;
  return request;
}

std::string text_of(const SampledMapping& row) {
  return model::to_text(row.mapping, masala::testing::gemmini());
}

const char* const kConvolution = "R3 S3 P56 Q56 C64 K64";

TEST(MappingSampler, RowsAreValidOnTheirHardwareAndKeepTheRules) {
  const auto request = request_of({layer_of(kConvolution), layer_of("P128 C768 K768")}, 200);
  for (const SampledMapping& row : sample_mappings(request)) {
    const model::Machine machine = model::resolve(request.accelerator, row.hardware);
    const model::Layer& layer = request.layers[row.layer];
    EXPECT_TRUE(model::problems(row.mapping, layer, request.accelerator, machine).empty());
    EXPECT_TRUE(model::rule_violations(row.mapping, request.accelerator).empty()) << text_of(row);
    for (const std::string& key : model::hardware_keys(request.accelerator)) {
      const auto value = *model::hardware_value(request.accelerator, row.hardware, key);
      EXPECT_TRUE(model::hardware_range(request.accelerator, key)
                      ->contains(static_cast<std::int64_t>(value)))
          << key << ' ' << value;
    }
  }
}

TEST(MappingSampler, ImperfectRowsRunAndMostDoNotDivideTheirLayer) {
  auto request = request_of({layer_of(kConvolution), layer_of("P128 C768 K768")}, 200);
  request.factors = model::Factors::imperfect;
  int imperfect = 0;
  for (const SampledMapping& row : sample_mappings(request)) {
    const model::Machine machine = model::resolve(request.accelerator, row.hardware);
    const model::Layer& layer = request.layers[row.layer];
    EXPECT_TRUE(
        model::problems(row.mapping, layer, request.accelerator, machine, model::Factors::imperfect)
            .empty())
        << text_of(row);
    EXPECT_TRUE(model::rule_violations(row.mapping, request.accelerator).empty()) << text_of(row);
    imperfect += model::is_perfect(row.mapping, layer) ? 0 : 1;
  }
  EXPECT_GE(imperfect, 120);
}

// On one hardware, of the eight eighths of the logarithmic range of tile volumes (from the least
// that keeps the number of tiles in bounds) every one gets rows, and no innermost loop is rare.
TEST(MappingSampler, TileSizesAndInnermostLoopsAreSpread) {
  auto request = request_of({layer_of("R3 S3 P14 Q14 C16 K16")}, 400);
  request.fixed = {{"pe_dim", 16}, {"scratchpad_kib", 256}, {"accumulator_kib", 64}};
  const std::vector<SampledMapping> rows = sample_mappings(request);
  double most = 0.0;
  double least = std::numeric_limits<double>::infinity();
  for (const SampledMapping& row : rows) {
    const double volume = std::log(tile_volume(row.mapping, request.layers[0]));
    most = std::max(most, volume);
    least = std::min(least, volume);
  }
  std::map<int, int> bins;
  std::map<Dim, int> innermost;
  for (const SampledMapping& row : rows) {
    const double volume = std::log(tile_volume(row.mapping, request.layers[0]));
    ++bins[static_cast<int>(7.999 * (volume - least) / (most - least))];
    const model::LevelMapping& dram = row.mapping.levels[3];
    for (auto dim = dram.order.rbegin(); dim != dram.order.rend(); ++dim) {
      if (dram.temporal[*dim] == 1) continue;
      ++innermost[*dim];
      break;
    }
  }
  for (int bin = 1; bin < 8; ++bin) EXPECT_GE(bins[bin], 10) << bin;
  for (Dim dim : {Dim::R, Dim::S, Dim::P, Dim::Q, Dim::C, Dim::K}) {
    EXPECT_GE(innermost[dim], 20) << model::name(dim);
  }
}

TEST(MappingSampler, ALongerSampleBeginsWithTheShorterOneWhateverTheThreads) {
  auto request = request_of({layer_of(kConvolution), layer_of("P7 C12 K9")}, 9);
  const std::vector<SampledMapping> shorter = sample_mappings(request);
  request.count = 30;
  request.threads = 3;
  const std::vector<SampledMapping> longer = sample_mappings(request);
  std::set<std::string> distinct;
  for (std::size_t i = 0; i < longer.size(); ++i) {
    EXPECT_EQ(longer[i].layer, i % 2);
    EXPECT_FALSE(longer[i].is_repeated);
    distinct.insert(std::to_string(longer[i].layer) + text_of(longer[i]));
    if (i >= shorter.size()) continue;
    EXPECT_EQ(text_of(longer[i]), text_of(shorter[i]));
    EXPECT_EQ(longer[i].hardware.kib, shorter[i].hardware.kib);
  }
  EXPECT_EQ(distinct.size(), longer.size());
}

// The product of the factors of a dimension outside the tile.
std::int64_t outer_factor(const model::Mapping& mapping, Dim dim) {
  return mapping.levels[mapping.num_levels - 1].temporal[dim];
}

TEST(MappingSampler, EveryOtherRowIsDense) {
  auto request =
      request_of({layer_of("R3 S3 P112 Q112 C128 K128"), layer_of("P4096 C4096 K1024")}, 80);
  request.fixed = {{"pe_dim", 16}};
  const std::vector<SampledMapping> rows = sample_mappings(request);
  const model::Evaluator evaluator(request.accelerator);
  std::set<std::string> dense;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i / 2 % 2 == 0) continue;  // rows alternate between two layers
    const SampledMapping& row = rows[i];
    const model::Layer& layer = request.layers[row.layer];
    const model::Machine machine = model::resolve(request.accelerator, row.hardware);
    EXPECT_EQ(row.mapping.levels[1].spatial[Dim::C], 16);
    EXPECT_EQ(row.mapping.levels[2].spatial[Dim::K], 16);
    for (Dim dim : model::kAllDims) {
      for (std::int64_t prime : prime_factors(outer_factor(row.mapping, dim))) {
        model::Mapping larger = row.mapping;
        larger.levels[3].temporal[dim] /= prime;
        larger.levels[1].temporal[dim] *= prime;
        EXPECT_FALSE(evaluator.tiles_fit(larger, layer, machine))
            << text_of(row) << ": " << model::name(dim) << prime << " more fits";
      }
    }
    dense.insert(std::to_string(row.layer) + text_of(row));
  }
  EXPECT_EQ(dense.size(), 40U);
}

// The only dense mapping of this layer is all of it in one tile: the other rows are spread.
TEST(MappingSampler, WithoutDenseMappingsLeftRowsAreSpread) {
  auto request = request_of({layer_of("P4 C16 K16")}, 12);
  request.fixed = {{"pe_dim", 16}, {"scratchpad_kib", 64}, {"accumulator_kib", 64}};
  int whole = 0;
  for (const SampledMapping& row : sample_mappings(request)) {
    EXPECT_FALSE(row.is_repeated);
    const double volume = tile_volume(row.mapping, request.layers[0]);
    const bool is_dense = volume == 4.0 * 16 * 16 && row.mapping.levels[1].spatial[Dim::C] == 16 &&
                          row.mapping.levels[2].spatial[Dim::K] == 16;
    if (is_dense) ++whole;
  }
  EXPECT_EQ(whole, 1);
}

TEST(MappingSampler, TheDriverDecidesWhatRuns) {
  auto request = request_of({layer_of(kConvolution)}, 50);
  request.run_problems = [](const model::Mapping& mapping,
                            const model::Layer& layer,
                            const model::Hardware&) -> std::vector<std::string> {
    if (tile_volume(mapping, layer) > 1000.0) return {"too large"};
    return {};
  };
  for (const SampledMapping& row : sample_mappings(request)) {
    EXPECT_LE(tile_volume(row.mapping, request.layers[0]), 1000.0);
  }
  request.layers.push_back(layer_of("P2 C2 K2"));
  request.layers[0].name = "conv";
  request.run_problems = [](const model::Mapping&,
                            const model::Layer& layer,
                            const model::Hardware&) -> std::vector<std::string> {
    if (layer.name == "conv") return {"never"};
    return {};
  };
  try {
    sample_mappings(request);
    FAIL() << "expected an exception";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(),
                 "layer conv: not even its smallest tile runs (never); expected larger hardware");
  }
}

}  // namespace
}  // namespace masala::search
