#include "masala/model/layer.h"

#include <string_view>

namespace masala::model {
namespace {

constexpr std::int64_t kMaxExactWords = std::int64_t{1} << 53;

// a * b, or -1 when it exceeds 2^53 (or when a factor already did).
std::int64_t exact_product(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  if (a < 0 || b < 0 || __builtin_mul_overflow(a, b, &product)) return -1;
  return product <= kMaxExactWords ? product : -1;
}

void check_range(std::string_view what, std::int64_t value, std::vector<std::string>& out) {
  if (value >= 1 && value <= kMaxBound) return;
  out.push_back(std::string(what) + ": got " + std::to_string(value) +
                "; expected an integer from 1 to " + std::to_string(kMaxBound));
}

}  // namespace

std::int64_t Layer::macs() const {
  std::int64_t product = 1;
  for (std::int64_t bound : bounds.values) product *= bound;
  return product;
}

bool Layer::is_matmul() const {
  return bounds[Dim::R] == 1 && bounds[Dim::S] == 1 && bounds[Dim::Q] == 1;
}

bool same_shape(const Layer& a, const Layer& b) {
  return a.bounds == b.bounds && a.stride_w == b.stride_w && a.stride_h == b.stride_h &&
         a.dilation_w == b.dilation_w && a.dilation_h == b.dilation_h;
}

std::vector<std::string> problems(const Layer& layer) {
  std::vector<std::string> out;
  for (Dim dim : kAllDims) check_range(name(dim), layer.bounds[dim], out);
  check_range("stride (w)", layer.stride_w, out);
  check_range("stride (h)", layer.stride_h, out);
  check_range("dilation (w)", layer.dilation_w, out);
  check_range("dilation (h)", layer.dilation_h, out);
  check_range("groups", layer.groups, out);
  check_range("count", layer.count, out);
  if (!out.empty()) return out;

  // An input tile row spans at most T_P * T_R * (stride + dilation) words, so no count exceeds
  // MACs * (Wstride + Wdilation) * (Hstride + Hdilation).
  std::int64_t words = 1;
  for (std::int64_t bound : layer.bounds.values) words = exact_product(words, bound);
  words = exact_product(words, layer.stride_w + layer.dilation_w);
  words = exact_product(words, layer.stride_h + layer.dilation_h);
  words = exact_product(words, layer.groups);
  words = exact_product(words, layer.count);
  if (words < 0) {
    out.emplace_back(
        "layer too large: MACs x (strides + dilations) x groups x count exceed 2^53; "
        "expected a shape whose words a double counts exactly");
  }
  return out;
}

}  // namespace masala::model
