// Points that no other one matches or beats in every coordinate.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace masala::search {

// Of equal points the first stays. Key identifies what a point stands for.
template <class Key>
class ParetoFront {
 public:
  explicit ParetoFront(std::size_t width) : width_(width) {}

  std::size_t size() const { return keys_.size(); }
  const double* point(std::size_t i) const { return &coordinates_[i * width_]; }
  const Key& key(std::size_t i) const { return keys_[i]; }

  // Whether some point is at most `point` in every coordinate.
  bool covers(const double* point) {
    for (std::size_t i = 0; i < size(); ++i) {
      if (!is_at_most(this->point(i), point)) continue;
      promote(i);
      return true;
    }
    return false;
  }

  void insert(const double* point, const Key& key) {
    if (!covers(point)) add(point, key);
  }

  // Inserts a point that the front does not cover.
  void add(const double* point, const Key& key) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < size(); ++i) {
      if (is_at_most(point, this->point(i))) continue;
      if (kept != i) move(i, kept);
      ++kept;
    }
    keys_.resize(kept);
    coordinates_.resize(kept * width_);
    keys_.push_back(key);
    coordinates_.insert(coordinates_.end(), point, point + width_);
  }

  void insert(const ParetoFront& other) {
    for (std::size_t i = 0; i < other.size(); ++i) insert(other.point(i), other.key(i));
  }

 private:
  bool is_at_most(const double* a, const double* b) const {
    for (std::size_t i = 0; i < width_; ++i) {
      if (a[i] > b[i]) return false;
    }
    return true;
  }

  void move(std::size_t from, std::size_t to) {
    keys_[to] = keys_[from];
    std::copy_n(&coordinates_[from * width_], width_, &coordinates_[to * width_]);
  }

  // Halves the way of a point that covers others to the front, where it is met sooner.
  void promote(std::size_t i) {
    constexpr std::size_t kNearFront = 8;
    if (i <= kNearFront) return;
    const std::size_t to = i / 2;
    std::swap(keys_[i], keys_[to]);
    std::swap_ranges(
        &coordinates_[i * width_], &coordinates_[i * width_] + width_, &coordinates_[to * width_]);
  }

  std::size_t width_;
  std::vector<Key> keys_;
  std::vector<double> coordinates_;
};

}  // namespace masala::search
