// A layer: the loop bounds and strides of one convolution or matrix multiply.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "masala/model/dims.h"

namespace masala::model {

// A matrix multiply is R = S = Q = 1 with P rows. With groups > 1, C and K are per group and the
// cost is multiplied by groups; `count` is how often the layer occurs in the network.
struct Layer {
  std::string name;
  PerDim<std::int64_t> bounds = filled<std::int64_t>(1);
  std::int64_t stride_w = 1;
  std::int64_t stride_h = 1;
  std::int64_t dilation_w = 1;
  std::int64_t dilation_h = 1;
  std::int64_t groups = 1;
  std::int64_t count = 1;

  std::int64_t macs() const;                                  // of one group, one execution
  std::int64_t executions() const { return count * groups; }  // weight of the layer in a total
  bool is_matmul() const;
};

// True when two layers have the same shape (name, groups and count aside).
bool same_shape(const Layer& a, const Layer& b);

struct Workload {
  std::string name;
  std::vector<Layer> layers;
};

// Largest bound, stride, dilation, groups or count accepted.
inline constexpr std::int64_t kMaxBound = std::int64_t{1} << 31;

// Every reason why the layer cannot be modelled, as "K: got 0; expected an integer from 1 to ...".
// Rejects shapes whose word counts could exceed 2^53: below it, doubles count words exactly.
std::vector<std::string> problems(const Layer& layer);

}  // namespace masala::model
