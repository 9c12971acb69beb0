#include "masala/model/random.h"

namespace masala::model {
namespace {

constexpr int kHalf = 32;

}  // namespace

std::mt19937_64 random_stream(std::uint64_t seed, std::uint64_t task, std::uint64_t part) {
  std::seed_seq sequence{static_cast<std::uint32_t>(seed),
                         static_cast<std::uint32_t>(seed >> kHalf),
                         static_cast<std::uint32_t>(task),
                         static_cast<std::uint32_t>(task >> kHalf),
                         static_cast<std::uint32_t>(part)};
  return std::mt19937_64(sequence);
}

std::uint32_t seed_of_32_bits(std::uint64_t seed) {
  const auto low = static_cast<std::uint32_t>(seed);
  const auto high = static_cast<std::uint32_t>(seed >> kHalf);
  if (high == 0) return low;
  std::seed_seq sequence{low, high};
  std::uint32_t mixed = 0;
  sequence.generate(&mixed, &mixed + 1);
  return mixed;
}

std::uint64_t random_below(std::mt19937_64& rng, std::uint64_t n) {
  const std::uint64_t limit = std::mt19937_64::max() - std::mt19937_64::max() % n;
  while (true) {
    const std::uint64_t draw = rng();
    if (draw < limit) return draw % n;
  }
}

double random_unit(std::mt19937_64& rng) {
  constexpr double kInverse53 = 1.0 / 9007199254740992.0;
  return static_cast<double>(rng() >> 11) * kInverse53;
}

}  // namespace masala::model
