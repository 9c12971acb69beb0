// Arithmetic shared by the two forms of every formula of this library: doubles for integer
// mappings, tensors [B] with gradients for relaxed ones. Formulas are templates over the number
// type V.
#pragma once

#include <torch/types.h>

#include <algorithm>
#include <cmath>

namespace masala::number {

using torch::Tensor;

inline double larger(double a, double b) {
  return std::max(a, b);
}
inline Tensor larger(const Tensor& a, const Tensor& b) {
  return torch::maximum(a, b);
}
inline Tensor larger(const Tensor& a, double b) {
  return a.clamp_min(b);
}
inline double smaller(double a, double b) {
  return std::min(a, b);
}
inline Tensor smaller(const Tensor& a, const Tensor& b) {
  return torch::minimum(a, b);
}
inline Tensor smaller(const Tensor& a, double b) {
  return a.clamp_max(b);
}
inline double exp_of(double x) {
  return std::exp(x);
}
inline Tensor exp_of(const Tensor& x) {
  return x.exp();
}
inline double log_of(double x) {
  return std::log(x);
}
inline Tensor log_of(const Tensor& x) {
  return x.log();
}
inline double pow_of(double base, double exponent) {
  return std::pow(base, exponent);
}
inline Tensor pow_of(const Tensor& base, double exponent) {
  return base.pow(exponent);
}
inline Tensor pow_of(const Tensor& base, const Tensor& exponent) {
  return (base.log() * exponent).exp();
}

// How many blocks of `size` hold x >= 0. Relaxed: x / size, at least 1; the two agree at multiples
// of `size` and up to `size`.
inline double blocks(double x, double size) {
  return std::ceil(x / size);
}
inline Tensor blocks(const Tensor& x, const Tensor& size) {
  return (x / size).clamp_min(1.0);
}
inline Tensor blocks(const Tensor& x, double size) {
  return (x / size).clamp_min(1.0);
}

// x rounded down to an integer, for quantities that the hardware fixes: without gradient.
inline double whole(double x) {
  return std::floor(x);
}
inline Tensor whole(const Tensor& x) {
  return x.detach().floor();
}

// A constant of the same shape as `like`.
inline double constant(double value, double /*like*/) {
  return value;
}
inline Tensor constant(double value, const Tensor& like) {
  return torch::full_like(like, value);
}

// Sum of f(extent) over the tiles of an axis: all of `tile` but the last, which the limit clips.
// Relaxed factors divide the limit.
template <class F>
double sum_over_tiles(double trips, double tile, double limit, const F& f) {
  return (trips - 1.0) * f(tile) + f(limit - (trips - 1.0) * tile);
}
template <class F>
Tensor sum_over_tiles(const Tensor& trips,
                      const Tensor& tile,
                      const Tensor& /*limit*/,
                      const F& f) {
  return trips * f(tile);
}

}  // namespace masala::number
