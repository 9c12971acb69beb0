#include "targets/gemmini/program/driver_program.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>

#include "targets/gemmini/measured_rows.h"

namespace masala::gemmini {
namespace {

using masala::testing::eyeriss_like;
using masala::testing::gemmini;
using masala::testing::layer_of;
using masala::testing::reference_rows;
using model::Dim;
using model::Layer;
using model::Mapping;

constexpr ProgramKind kMeasured = ProgramKind::measured;
constexpr ProgramKind kClean = ProgramKind::clean;

Mapping mapping(const char* text) {
  return masala::testing::mapping_of(text, gemmini());
}

std::string order_of(const std::array<Dim, model::kNumDims>& order) {
  std::string text;
  for (Dim d : order) text += name(d);
  return text;
}

// The whole layer in one tile, apart from the sizes given: "Q1 S2".
Tiling tiling(const Layer& layer, const char* sizes, const char* order = "CRSKPQN") {
  Tiling result;
  result.tile = layer.bounds;
  std::istringstream words{sizes};
  for (std::string word; words >> word;) {
    result.tile[*model::dim_from_letter(word[0])] = std::stoll(word.substr(1));
  }
  for (int i = 0; i < model::kNumDims; ++i) {
    result.inner_to_outer[i] = *model::dim_from_letter(order[i]);
  }
  return result;
}

TEST(ProgramNames, RoundTrip) {
  for (ProgramKind kind : {kMeasured, kClean}) EXPECT_EQ(program_of_name(name(kind)), kind);
  EXPECT_THROW(program_of_name("Clean"), std::invalid_argument);
}

TEST(TilingOf, MultipliesWhatLiesBelowTheDriversLoops) {
  const Layer layer = layer_of("R7 S7 P112 Q112 C3 K64");
  const Tiling result =
      tiling_of(mapping("L3[WIO] K8 Q28 - L2[WI] N1 K4X - L1[O] K2 S7 R7 Q4 P7 C3X - L0[W] P16"),
                layer,
                kMeasured);
  // K = 2 * 4X, P = 7 * 16.
  EXPECT_EQ(result.tile.values, (std::array<std::int64_t, 7>{7, 7, 112, 4, 3, 8, 1}));
  // K Q reversed, then what is missing of C R S K P Q N.
  EXPECT_EQ(order_of(result.inner_to_outer), "QKCRSPN");
}

TEST(TilingOf, OnlyTheCleanDriverSeesScratchpadLoopsAndTheRegistersBatches) {
  const Layer layer = layer_of("P4 Q2 K8 N4");
  const Mapping m = mapping("L3[WIO] N1 - L2[WI] K2 K4X - L1[O] N2 Q2 - L0[W] N2 P4");
  EXPECT_EQ(tiling_of(m, layer, kMeasured).tile[Dim::K], 4);
  EXPECT_EQ(tiling_of(m, layer, kMeasured).tile[Dim::N], 2);
  EXPECT_EQ(tiling_of(m, layer, kClean).tile[Dim::K], 8);
  EXPECT_EQ(tiling_of(m, layer, kClean).tile[Dim::N], 4);
  EXPECT_EQ(tiling_of(m, layer, kMeasured).tile[Dim::P], 4);
  EXPECT_EQ(order_of(tiling_of(m, layer, kClean).inner_to_outer), "CRSKPQN");
}

TEST(TilingOf, RefusesOtherHierarchies) {
  Mapping m;
  m.num_levels = 3;
  EXPECT_THROW(tiling_of(m, Layer{}, kClean), std::invalid_argument);
  EXPECT_THROW(mapping_of(Tiling{}, Layer{}, eyeriss_like(), 16), std::invalid_argument);
}

TEST(MappingOf, RoundsUpWhereATileDoesNotDivide) {
  const Layer layer = layer_of("R3 S3 P28 Q28 C64 K96");
  const Tiling wanted = tiling(layer, "C32 K48 Q10");
  const Mapping result = mapping_of(wanted, layer, gemmini(), 16);
  // Q: 3 = ceil(28 / 10) tiles of 10; C = 2 * 16X of 64; K = 3 * 16X of 96.
  EXPECT_EQ(to_text(result, gemmini()),
            "L3[WIO] Q3 K2 C2 - L2[WI] N1 K16X - L1[O] R3 S3 C2 K3 Q10 P28 C16X - L0[W] N1");
  EXPECT_EQ(rule_violations(result, gemmini()), std::vector<std::string>{});
  EXPECT_EQ(tiling_of(result, layer, kClean).tile, wanted.tile);
}

TEST(MappingOf, CutsABlockThatIsLongerThanTheLayer) {
  const Layer layer = layer_of("P10 C8 K40");
  const Mapping result = mapping_of(tiling(layer, "P16 C16 K32"), layer, gemmini(), 16);
  // C fills 8 of the 16 rows; K = ceil(40 / 32) tiles of 2 * 16X.
  EXPECT_EQ(to_text(result, gemmini()),
            "L3[WIO] K2 - L2[WI] N1 K16X - L1[O] K2 P10 C8X - L0[W] N1");
}

TEST(MappingOf, GivesAllBlocksOfATileTheSameWidth) {
  const Layer layer = layer_of("R3 S3 P7 Q7 C256 K36");
  const Mapping result = mapping_of(tiling(layer, "C119"), layer, gemmini(), 16);
  // C: 119 is 8 blocks of at most 14, 3 tiles of 112 as there are 3 of 119; K: 3 blocks of 12.
  EXPECT_EQ(to_text(result, gemmini()),
            "L3[WIO] C3 - L2[WI] N1 K12X - L1[O] R3 S3 C8 K3 Q7 P7 C14X - L0[W] N1");
  const Layer prime = layer_of("P7 Q7 C37 K1");  // 3 blocks of 13, the last one clipped
  EXPECT_EQ(to_text(mapping_of(tiling(prime, ""), prime, gemmini(), 16), gemmini()),
            "L3[WIO] N1 - L2[WI] N1 - L1[O] C3 Q7 P7 C13X - L0[W] N1");
}

TEST(MeasuredProgram, EvenKernelsComputeOneOutputMore) {
  const auto output = [](const char* bounds, std::int64_t stride) {
    Layer layer = layer_of(bounds);
    layer.stride_w = layer.stride_h = stride;
    return make_program(tiling(layer, ""), layer, 16, kMeasured).limit[Dim::P];
  };
  EXPECT_EQ(output("R2 S2 P7 Q7", 1), 8);        // (7 + 2*1 - 2) / 1 + 1
  EXPECT_EQ(output("R4 S4 P56 Q56", 1), 57);     // (56 + 2*2 - 4) / 1 + 1
  EXPECT_EQ(output("R6 S6 P112 Q112", 2), 113);  // (224 + 2*3 - 6) / 2 + 1
  EXPECT_EQ(output("R3 S3 P56 Q56", 1), 56);     // (56 + 2*1 - 3) / 1 + 1
  EXPECT_EQ(output("R7 S7 P112 Q112", 2), 112);  // (224 + 2*3 - 7) / 2 + 1 = 111 + 1
}

TEST(MeasuredProgram, TheOutputMoreIsATileOfItsOwn) {
  const Layer layer = layer_of("R2 S2 P7 Q7 C16 K16");
  const DriverProgram program = make_program(tiling(layer, ""), layer, 16, kMeasured);
  EXPECT_EQ(program.trips(Dim::P), 2);  // 7 and 1 of 8
  EXPECT_EQ(program.num_tiles(), 4);
}

TEST(MeasuredProgram, RunsEveryConvolutionAsASquare) {
  const Layer layer = layer_of("R3 S3 P480 Q48 C3 K64");
  const DriverProgram program = make_program(tiling(layer, ""), layer, 4, kMeasured);
  EXPECT_EQ(program.limit[Dim::P], 480);
  EXPECT_EQ(program.limit[Dim::Q], 480);
  EXPECT_EQ(program.tile[Dim::Q], 48);
  EXPECT_EQ(program.image_columns, 480);
  EXPECT_EQ(program.image_rows, 480);
  EXPECT_EQ(program.padding, 1);
}

TEST(CleanProgram, RunsTheLayerAsItIs) {
  Layer layer = layer_of("R3 S2 P5 Q3 C8 K8");
  layer.stride_w = 2;
  layer.dilation_w = 2;
  const DriverProgram program = make_program(tiling(layer, ""), layer, 16, kClean);
  EXPECT_EQ(program.limit, layer.bounds);
  EXPECT_EQ(program.image_columns, 13);  // (5-1)*2 + (3-1)*2 + 1
  EXPECT_EQ(program.image_rows, 4);      // (3-1)*1 + (2-1)*1 + 1
  EXPECT_EQ(program.padding, 0);
  EXPECT_EQ(program.num_tiles(), 1);
}

TEST(Matmul, TheMeasuredDriverCountsBlocksOf16OnEveryArray) {
  const Layer layer = layer_of("P512 C64 K160");
  const Tiling wanted = tiling(layer, "P64 C8 K40");
  // Blocks: 64 >> 4 = 4, 8 < 16: 1, 40 >> 4 = 2; times the array's 4, then 64.
  const DriverProgram small = make_program(wanted, layer, 4, kMeasured);
  EXPECT_EQ(small.tile[Dim::P], 16);
  EXPECT_EQ(small.tile[Dim::C], 4);
  EXPECT_EQ(small.tile[Dim::K], 8);
  EXPECT_EQ(small.num_tiles(), 32 * 16 * 20);
  const DriverProgram large = make_program(wanted, layer, 64, kMeasured);
  EXPECT_EQ(large.tile[Dim::P], 256);
  EXPECT_EQ(large.tile[Dim::C], 64);
  EXPECT_EQ(large.tile[Dim::K], 128);
  EXPECT_EQ(large.num_tiles(), 2 * 1 * 2);
}

TEST(Matmul, TheCleanDriverRoundsUpToTheArray) {
  const Layer layer = layer_of("P512 C64 K160");
  const Tiling wanted = tiling(layer, "P64 C8 K40");
  const DriverProgram small = make_program(wanted, layer, 4, kClean);
  EXPECT_EQ(small.tile[Dim::P], 64);
  EXPECT_EQ(small.tile[Dim::C], 8);
  EXPECT_EQ(small.tile[Dim::K], 40);
  const DriverProgram large = make_program(wanted, layer, 64, kClean);
  EXPECT_EQ(large.tile[Dim::P], 64);
  EXPECT_EQ(large.tile[Dim::C], 64);
  EXPECT_EQ(large.tile[Dim::K], 64);
}

TEST(Matmul, ATileEndsWithTheLastBlock) {
  const Layer layer = layer_of("P10 C16 K16");
  EXPECT_EQ(make_program(tiling(layer, ""), layer, 16, kClean).tile[Dim::P], 16);
  // 1 block of 64, of a layer with a single one.
  EXPECT_EQ(make_program(tiling(layer, ""), layer, 64, kMeasured).tile[Dim::P], 64);
}

TEST(Matmul, TheCleanDriverJoinsTheRowsOfAllBatches) {
  const Layer layer = layer_of("P10 C16 K32 N8");
  const DriverProgram program = make_program(tiling(layer, "N2 K16", "NCKPQRS"), layer, 16, kClean);
  EXPECT_EQ(program.limit[Dim::P], 80);
  EXPECT_EQ(program.tile[Dim::P], 32);  // 2 * 10, rounded up
  EXPECT_EQ(program.num_tiles(), 3 * 2);
  EXPECT_EQ(order_of(program.inner_to_outer), "PCKNQRS");  // where the batches were
  EXPECT_EQ(make_program(tiling(layer, ""), layer, 16, kMeasured).limit[Dim::P], 10);
}

TEST(PartialSums, SpillWhereAReductionRunsOutsideAnOutputLoop) {
  const Layer layer = layer_of("R3 S3 P8 Q8 C32 K32");
  const auto spills = [&](const char* sizes, const char* order, ProgramKind kind) {
    return make_program(tiling(layer, sizes, order), layer, 16, kind).spills_partial_sums;
  };
  EXPECT_FALSE(spills("C16 K16 Q4", "CRSKPQN", kClean));
  EXPECT_TRUE(spills("C16 K16", "KCRSPQN", kClean));
  EXPECT_TRUE(spills("R1 C16 Q4", "CQRSKPN", kClean));
  EXPECT_FALSE(spills("C16", "KCRSPQN", kClean));  // one tile of K: nothing runs inside C
  EXPECT_FALSE(spills("C16 K16", "KCRSPQN", kMeasured));
}

TEST(NumTiles, SaturatesWhereTheCountHasNoNumber) {
  const std::int64_t large = std::int64_t{1} << 31;
  Layer layer = layer_of("R3 S3 Q2 K1024");
  layer.bounds[Dim::P] = large;
  const DriverProgram program =  // P x P outputs, a tile each
      make_program(tiling(layer, "P1 Q1 K1"), layer, 16, kMeasured);
  EXPECT_EQ(program.num_tiles(), std::numeric_limits<std::int64_t>::max());
  EXPECT_FALSE(wraps(program));
}

TEST(MeasuredArrayDim, IsTheSmallestArrayThatHoldsTheSpatialFactors) {
  const auto dim = [](const char* text, std::int64_t mesh) {
    return measured_array_dim(mapping(text), mesh);
  };
  EXPECT_EQ(dim("L3[WIO] N1 - L2[WI] N1 K4X - L1[O] C3X - L0[W] N1", 128), 4);
  EXPECT_EQ(dim("L3[WIO] N1 - L2[WI] N1 - L1[O] N1 - L0[W] N1", 128), 2);
  EXPECT_EQ(dim("L3[WIO] N1 - L2[WI] N1 K17X - L1[O] C3X - L0[W] N1", 128), 32);
  EXPECT_EQ(dim("L3[WIO] N1 - L2[WI] N1 - L1[O] C64X - L0[W] N1", 128), 64);
  EXPECT_EQ(dim("L3[WIO] N1 - L2[WI] N1 K4X - L1[O] C3X - L0[W] N1", 16), 16);
}

TEST(MeasuredArrayDim, FindsTheFiveArraysOfTheTraces) {
  const auto rows = reference_rows("firesim/mappings.csv");
  if (!rows) GTEST_SKIP() << "no firesim/mappings.csv in MASALA_REFERENCE_DIR";
  std::map<int, int> counts;
  for (const auto& row : *rows) ++counts[masala::testing::measured_program_of_row(row).dim];
  EXPECT_EQ(counts, (std::map<int, int>{{4, 293}, {8, 249}, {16, 327}, {32, 175}, {64, 217}}));
}

TEST(Wraps, WhereATileMissesTheImageByARow) {
  const Layer layer = layer_of("R5 S5 P8 Q8 C16 K16");  // padding 2
  const auto wrapping = [&](const char* sizes, ProgramKind kind = kMeasured) {
    return wraps(make_program(tiling(layer, sizes), layer, 16, kind));
  };
  EXPECT_TRUE(wrapping("Q1 S1"));   // row 0, tap 0: reads 1 row from -2, extent 1 - 2
  EXPECT_FALSE(wrapping("Q2 S1"));  // 2 rows from -2, extent 0; last: 2 rows from 6 + 4 - 2 = 8
  EXPECT_TRUE(wrapping("Q1 S2"));   // row 7, tap 4: reads 1 row from 9 of 8, extent 1 - 2
  EXPECT_FALSE(wrapping("Q8 S1"));  // 8 rows each, 2 of them padding
  EXPECT_FALSE(wrapping("Q1"));     // S whole: 5 rows, 2 of them padding
  EXPECT_TRUE(wrapping("P1 R1"));   // columns likewise
  EXPECT_FALSE(wrapping("Q1 S1", kClean));
}

TEST(Wraps, TheTwelveRowsOfTheTraces) {
  const auto rows = reference_rows("firesim/mappings.csv");
  if (!rows) GTEST_SKIP() << "no firesim/mappings.csv in MASALA_REFERENCE_DIR";
  int wrapped = 0;
  for (const auto& row : *rows) {
    if (!wraps(masala::testing::measured_program_of_row(row))) continue;
    ++wrapped;
    // 65,536 rows or columns a tile: none is below 1e8 cycles.
    EXPECT_GT(std::stod(row.at("target.gemmini_cycle")), 1e8) << row.at("mapping.mapping");
  }
  EXPECT_EQ(wrapped, 12);
}

}  // namespace
}  // namespace masala::gemmini
