// One text of the formulas, three number types.
#include "model/operand_tile.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <array>
#include <random>

#include "masala/model/batch.h"
#include "support/builders.h"
#include "support/random_mapping.h"

namespace masala::model {
namespace {

// A layer's strides as numbers of another type.
template <class V>
struct Strides {
  V stride_w;
  V stride_h;
  V dilation_w;
  V dilation_h;
};

template <class V>
V as(std::int64_t value) {
  return static_cast<V>(value);
}
template <>
Tensor as<Tensor>(std::int64_t value) {
  return torch::full({}, static_cast<double>(value), real_options());
}
double number(double value) {
  return value;
}
double number(const Tensor& value) {
  return value.item<double>();
}

template <class V>
void expect_equal_to_integers(const Layer& layer) {
  const Strides<V> strides{as<V>(layer.stride_w),
                           as<V>(layer.stride_h),
                           as<V>(layer.dilation_w),
                           as<V>(layer.dilation_h)};
  PerDim<V> tile;
  for (Dim dim : kAllDims) tile[dim] = as<V>(layer.bounds[dim]);
  for (Operand operand : kAllOperands) {
    EXPECT_EQ(number(operand_words(operand, tile, strides)),
              static_cast<double>(operand_words(operand, layer.bounds, layer)));
  }
  EXPECT_EQ(number(input_width(tile, strides)),
            static_cast<double>(input_width(layer.bounds, layer)));
  EXPECT_EQ(number(input_height(tile, strides)),
            static_cast<double>(input_height(layer.bounds, layer)));
  for (Dim dim : {Dim::P, Dim::R}) {
    const InputShift<V> shift = input_shift(dim, tile[dim], strides);
    EXPECT_EQ(number(shift.w), static_cast<double>(input_shift(dim, layer.bounds[dim], layer).w));
  }
}

TEST(OperandTile, FormulasAgreeForEveryNumberType) {
  std::mt19937_64 rng(1);
  constexpr std::int64_t kMaxMacs = 100000;
  for (int i = 0; i < 50; ++i) {
    const Layer layer = masala::testing::random_layer(rng, kMaxMacs);
    expect_equal_to_integers<double>(layer);
    expect_equal_to_integers<Tensor>(layer);
  }
}

TEST(OperandTile, InputsMoveAlongTheAxisOfTheDimension) {
  Layer layer = masala::testing::layer_of("R3 S3 P4 Q4 C2 K2");
  layer.stride_w = 2;
  layer.stride_h = 3;
  layer.dilation_w = 5;
  layer.dilation_h = 7;
  const auto shift = [&](Dim dim) {
    const InputShift<std::int64_t> moved = input_shift(dim, std::int64_t{10}, layer);
    return std::array<std::int64_t, 2>{moved.w, moved.h};
  };
  using Axes = std::array<std::int64_t, 2>;
  EXPECT_EQ(shift(Dim::P), (Axes{20, 0}));
  EXPECT_EQ(shift(Dim::R), (Axes{50, 0}));
  EXPECT_EQ(shift(Dim::Q), (Axes{0, 30}));
  EXPECT_EQ(shift(Dim::S), (Axes{0, 70}));
  for (Dim dim : {Dim::C, Dim::K, Dim::N}) EXPECT_EQ(shift(dim), (Axes{0, 0}));
}

TEST(OperandTile, OnlyInputsSlide) {
  for (Dim dim : kAllDims) {
    EXPECT_EQ(leaves_tile(Operand::weights, dim), is_indexed_by(Operand::weights, dim));
    EXPECT_EQ(leaves_tile(Operand::outputs, dim), is_indexed_by(Operand::outputs, dim));
    EXPECT_EQ(leaves_tile(Operand::inputs, dim), dim == Dim::C || dim == Dim::N);
  }
}

}  // namespace
}  // namespace masala::model
