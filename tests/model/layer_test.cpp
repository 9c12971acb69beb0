#include "masala/model/layer.h"

#include <gtest/gtest.h>

#include "support/builders.h"

namespace masala::model {
namespace {

using masala::testing::layer_of;
using Problems = std::vector<std::string>;

TEST(Dims, EveryLetterNamesItsDimensionAndNoOtherDoes) {
  for (Dim dim : kAllDims) EXPECT_EQ(dim_from_letter(name(dim)[0]), dim);
  EXPECT_EQ(dim_from_letter('r'), std::nullopt);
  EXPECT_EQ(dim_from_letter('X'), std::nullopt);
}

TEST(Dims, EachOperandLacksExactlyTheDimensionsThatReuseIt) {
  const auto lacks = [](Operand operand) {
    std::string letters;
    for (Dim dim : kAllDims) {
      if (!is_indexed_by(operand, dim)) letters += name(dim);
    }
    return letters;
  };
  EXPECT_EQ(lacks(Operand::weights), "PQN");
  EXPECT_EQ(lacks(Operand::inputs), "K");
  EXPECT_EQ(lacks(Operand::outputs), "RSC");
}

TEST(Layer, MacsAreTheProductOfTheBoundsOfOneGroup) {
  Layer layer = layer_of("R3 S3 P14 Q14 C4 K8 N2");
  layer.groups = 32;
  layer.count = 5;
  EXPECT_EQ(layer.macs(), 3 * 3 * 14 * 14 * 4 * 8 * 2);
  EXPECT_EQ(layer.executions(), 160);
}

TEST(Layer, IsAMatmulWithoutAFilterAndWithOneOutputRow) {
  EXPECT_TRUE(layer_of("P128 C64 K32").is_matmul());
  EXPECT_FALSE(layer_of("P128 Q2 C64 K32").is_matmul());
  EXPECT_FALSE(layer_of("P128 R3").is_matmul());
  EXPECT_FALSE(layer_of("P128 S3").is_matmul());
}

TEST(Layer, SameShapeIgnoresNameGroupsAndCount) {
  const Layer a = layer_of("R3 P8 C4");
  Layer b = a;
  b.name = "other";
  b.groups = 2;
  b.count = 7;
  EXPECT_TRUE(same_shape(a, b));
  for (std::int64_t Layer::*field :
       {&Layer::stride_w, &Layer::stride_h, &Layer::dilation_w, &Layer::dilation_h}) {
    Layer c = a;
    c.*field = 2;
    EXPECT_FALSE(same_shape(a, c));
  }
  EXPECT_FALSE(same_shape(a, layer_of("R3 P8 C5")));
}

TEST(LayerProblems, NoneForAnOrdinaryLayer) {
  EXPECT_EQ(problems(layer_of("R7 S7 P112 Q112 C3 K64")), Problems{});
}

TEST(LayerProblems, NameEveryValueOutOfRange) {
  Layer layer = layer_of("K0 C-3");
  layer.stride_w = 0;
  layer.stride_h = -1;
  layer.dilation_w = 0;
  layer.dilation_h = kMaxBound + 1;
  layer.groups = 0;
  layer.count = 0;
  EXPECT_EQ(problems(layer),
            (Problems{"C: got -3; expected an integer from 1 to 2147483648",
                      "K: got 0; expected an integer from 1 to 2147483648",
                      "stride (w): got 0; expected an integer from 1 to 2147483648",
                      "stride (h): got -1; expected an integer from 1 to 2147483648",
                      "dilation (w): got 0; expected an integer from 1 to 2147483648",
                      "dilation (h): got 2147483649; expected an integer from 1 to 2147483648",
                      "groups: got 0; expected an integer from 1 to 2147483648",
                      "count: got 0; expected an integer from 1 to 2147483648"}));
}

TEST(LayerProblems, WordCountsUpToTwoToThe53AreAccepted) {
  // MACs x (1 + 1) x (1 + 1): 2^51 MACs make exactly 2^53.
  Layer layer = layer_of("P2097152 C1073741824");  // 2^21 x 2^30
  EXPECT_EQ(problems(layer), Problems{});
  layer.count = 2;
  ASSERT_EQ(problems(layer).size(), 1u);
  EXPECT_EQ(problems(layer)[0],
            "layer too large: MACs x (strides + dilations) x groups x count exceed 2^53; "
            "expected a shape whose words a double counts exactly");
}

TEST(LayerProblems, ProductsThatOverflow64BitsAreFoundToo) {
  // 2^31 to the third is 2^93; to the fourth, 2^124: neither may wrap around into range.
  EXPECT_EQ(problems(layer_of("P2147483648 C2147483648 K2147483648")).size(), 1u);
  EXPECT_EQ(problems(layer_of("P2147483648 Q2147483648 C2147483648 K2147483648")).size(), 1u);
}

}  // namespace
}  // namespace masala::model
