// Random numbers that are the same on every platform, which those of std distributions and
// std::shuffle are not.
#pragma once

#include <cstdint>
#include <random>
#include <utility>

namespace masala::model {

// A generator of its own for every task, so that results do not depend on who ran it when. All bits
// of the seed count.
std::mt19937_64 random_stream(std::uint64_t seed, std::uint64_t task, std::uint64_t part = 0);

// A seed for generators that look at 32 bits only, as LibTorch's do: the seed itself where it has
// no more, or else all its bits mixed.
std::uint32_t seed_of_32_bits(std::uint64_t seed);

// An integer in [0, n).
std::uint64_t random_below(std::mt19937_64& rng, std::uint64_t n);
// A real in [0, 1).
double random_unit(std::mt19937_64& rng);

// Every order of the values is as likely (Fisher and Yates).
template <class Values>
void shuffle(Values& values, std::mt19937_64& rng) {
  for (std::size_t n = values.size(); n > 1; --n)
    std::swap(values[n - 1], values[random_below(rng, n)]);
}

}  // namespace masala::model
