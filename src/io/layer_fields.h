// The fields of a layer that several formats have.
#pragma once

#include <cstdint>

#include "io/codecs.h"
#include "masala/model/layer.h"

namespace masala::io {

// A bound, stride, dilation, or number of groups or repetitions.
Codec<std::int64_t> layer_size();

// A size of a layer by its name in Timeloop's flat problems and in columns of trace tables.
struct LayerSize {
  const char* key;
  const char* meaning;
  std::int64_t model::Layer::*member = nullptr;  // of a bound: none
  model::Dim dim = model::Dim::R;                // of a bound

  bool is_bound() const { return member == nullptr; }
  template <class Layer>
  auto& operator()(Layer& layer) const {
    return is_bound() ? layer.bounds[dim] : layer.*member;
  }
};
inline constexpr LayerSize kLayerSizes[] = {
    {"R", "filter width", nullptr, model::Dim::R},
    {"S", "filter height", nullptr, model::Dim::S},
    {"P", "output width", nullptr, model::Dim::P},
    {"Q", "output height", nullptr, model::Dim::Q},
    {"C", "input channels, of one group", nullptr, model::Dim::C},
    {"K", "output channels, of one group", nullptr, model::Dim::K},
    {"N", "batch", nullptr, model::Dim::N},
    {"Wstride", "stride along P", &model::Layer::stride_w},
    {"Hstride", "stride along Q", &model::Layer::stride_h},
    {"Wdilation", "dilation along R", &model::Layer::dilation_w},
    {"Hdilation", "dilation along S", &model::Layer::dilation_h},
    {"groups", "", &model::Layer::groups}};

// R to N, required.
void add_bounds(FieldTable<model::Layer>& fields);

// Strides or dilations as [w, h]; reads one number for both, too, where `may_be_one`.
struct WidthAndHeight {
  std::int64_t model::Layer::*width;
  std::int64_t model::Layer::*height;
};
inline constexpr WidthAndHeight kStride = {&model::Layer::stride_w, &model::Layer::stride_h};
inline constexpr WidthAndHeight kDilation = {&model::Layer::dilation_w, &model::Layer::dilation_h};
Codec<model::Layer> width_and_height(WidthAndHeight sizes, bool may_be_one);

}  // namespace masala::io
