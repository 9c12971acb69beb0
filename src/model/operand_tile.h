// Words of an operand's tile and how far a loop moves it: one text of the formulas for every number
// type, integers, doubles and tensors with gradients.
//
//   Extents  operator[](Dim) gives the tile's extent: PerDim<std::int64_t>, PerDim<V>, ...
//   Shape    has the members stride_w, stride_h, dilation_w, dilation_h: Layer, LayerBatch, ...
#pragma once

#include "masala/model/dims.h"

namespace masala::model {

// Words along one axis of an input tile of `outputs` outputs and `taps` filter taps, halo and words
// between strides included.
template <class V, class S>
V window(const V& outputs, const V& taps, const S& stride, const S& dilation) {
  return (outputs - 1) * stride + (taps - 1) * dilation + 1;
}

template <class Extents, class Shape>
auto input_width(const Extents& tile, const Shape& shape) {
  return window(tile[Dim::P], tile[Dim::R], shape.stride_w, shape.dilation_w);
}
template <class Extents, class Shape>
auto input_height(const Extents& tile, const Shape& shape) {
  return window(tile[Dim::Q], tile[Dim::S], shape.stride_h, shape.dilation_h);
}

// Of inputs, width x height x C x N.
template <class Extents, class Shape>
auto operand_words(Operand operand, const Extents& tile, const Shape& shape) {
  switch (operand) {
    case Operand::weights: return tile[Dim::R] * tile[Dim::S] * tile[Dim::C] * tile[Dim::K];
    case Operand::inputs:
      return input_width(tile, shape) * input_height(tile, shape) * tile[Dim::C] * tile[Dim::N];
    case Operand::outputs: break;
  }
  return tile[Dim::P] * tile[Dim::Q] * tile[Dim::K] * tile[Dim::N];
}

// Displacement of an input tile, in words along W and H.
template <class V>
struct InputShift {
  V w{};
  V h{};
};

// By how much `positions` along a dimension move an input tile. Along C, K and N the shift is zero:
// see leaves_tile().
template <class V, class Shape>
InputShift<V> input_shift(Dim dim, const V& positions, const Shape& shape) {
  switch (dim) {
    case Dim::P: return {positions * shape.stride_w, {}};
    case Dim::R: return {positions * shape.dilation_w, {}};
    case Dim::Q: return {{}, positions * shape.stride_h};
    case Dim::S: return {{}, positions * shape.dilation_h};
    default: return {};
  }
}

// Whether a step along the dimension moves the operand's tile by its whole extent, so that no word
// of it stays.
constexpr bool leaves_tile(Operand operand, Dim dim) {
  return is_indexed_by(operand, dim) && !(operand == Operand::inputs && slides(dim));
}

}  // namespace masala::model
