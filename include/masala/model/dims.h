// The seven loop dimensions, the three operands, and which dimension indexes which operand.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace masala::model {

// R, P run along the width (W axis), S, Q along the height (H axis).
//   R S filter columns and rows    P Q output columns and rows
//   C K input and output channels  N batch
enum class Dim : int { R, S, P, Q, C, K, N };
inline constexpr int kNumDims = 7;
inline constexpr std::array<Dim, kNumDims> kAllDims = {
    Dim::R, Dim::S, Dim::P, Dim::Q, Dim::C, Dim::K, Dim::N};

enum class Operand : int { weights, inputs, outputs };
inline constexpr int kNumOperands = 3;
inline constexpr std::array<Operand, kNumOperands> kAllOperands = {
    Operand::weights, Operand::inputs, Operand::outputs};

constexpr std::size_t index(Dim dim) {
  return static_cast<std::size_t>(dim);
}
constexpr std::size_t index(Operand operand) {
  return static_cast<std::size_t>(operand);
}

// One value per dimension, indexed by Dim.
template <class T>
struct PerDim {
  std::array<T, kNumDims> values{};
  constexpr T& operator[](Dim dim) { return values[index(dim)]; }
  constexpr const T& operator[](Dim dim) const { return values[index(dim)]; }
  friend bool operator==(const PerDim& a, const PerDim& b) { return a.values == b.values; }
  friend bool operator!=(const PerDim& a, const PerDim& b) { return !(a == b); }
};

// One value per operand, indexed by Operand.
template <class T>
struct PerOperand {
  std::array<T, kNumOperands> values{};
  constexpr T& operator[](Operand operand) { return values[index(operand)]; }
  constexpr const T& operator[](Operand operand) const { return values[index(operand)]; }
  friend bool operator==(const PerOperand& a, const PerOperand& b) { return a.values == b.values; }
};

template <class T>
constexpr PerDim<T> filled(T value) {
  PerDim<T> all{};
  for (T& v : all.values) v = value;
  return all;
}

// Rows: weights (R S C K), inputs (R S P Q C N through the two sliding axes), outputs (P Q K N).
inline constexpr bool kIndexedBy[kNumOperands][kNumDims] = {
    //   R      S      P      Q      C      K      N
    {true, true, false, false, true, true, false},
    {true, true, true, true, true, false, true},
    {false, false, true, true, false, true, true},
};

constexpr bool is_indexed_by(Operand operand, Dim dim) {
  return kIndexedBy[index(operand)][index(dim)];
}

// Whether the dimension runs along an axis on which input tiles overlap.
constexpr bool slides(Dim dim) {
  return dim == Dim::R || dim == Dim::S || dim == Dim::P || dim == Dim::Q;
}

constexpr std::string_view name(Dim dim) {
  constexpr std::string_view kNames[] = {"R", "S", "P", "Q", "C", "K", "N"};
  return kNames[index(dim)];
}
constexpr std::string_view name(Operand operand) {
  constexpr std::string_view kNames[] = {"weights", "inputs", "outputs"};
  return kNames[index(operand)];
}
constexpr char letter(Operand operand) {
  return "WIO"[index(operand)];
}

constexpr std::optional<Dim> dim_from_letter(char c) {
  for (Dim dim : kAllDims) {
    if (name(dim)[0] == c) return dim;
  }
  return std::nullopt;
}

}  // namespace masala::model
