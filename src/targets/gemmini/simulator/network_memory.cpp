#include "targets/gemmini/simulator/network_memory.h"

namespace masala::gemmini {
namespace {

using model::Dim;

constexpr std::uint64_t kApart = std::uint64_t{1} << 32;
constexpr std::uint64_t kActivations[] = {kApart, 2 * kApart};
constexpr std::uint64_t kPartialSums = 3 * kApart;
// From here to where lines of 64 bytes still have 32-bit numbers; after that they begin anew, when
// what lies there has long left the caches.
constexpr std::uint64_t kWeights = 4 * kApart;
constexpr std::uint64_t kWeightsEnd = 64 * kApart;
constexpr std::uint64_t kSetZero = std::uint64_t{1} << 19;  // multiples alias to set 0

std::uint64_t weights_of(const DriverProgram& program) {
  const auto& limit = program.limit;
  const std::int64_t bytes = limit[Dim::R] * limit[Dim::S] * limit[Dim::C] * limit[Dim::K];
  return static_cast<std::uint64_t>(bytes);
}

}  // namespace

NetworkMemory::NetworkMemory(const SimulatorConstants& constants)
    : caches_(constants), next_weights_(kWeights) {}

ArrayBases NetworkMemory::place(const DriverProgram& program) {
  const std::uint64_t layer = layers_++;
  if (program.kind == ProgramKind::measured) {
    const std::uint64_t offset = program.is_matmul ? 0 : 8;
    return {kActivations[0] + offset,
            kWeights + offset,
            kActivations[1] + offset,
            kPartialSums + offset};
  }
  const std::uint64_t room = (weights_of(program) + kSetZero - 1) / kSetZero * kSetZero;
  if (next_weights_ + room > kWeightsEnd) next_weights_ = kWeights;
  const std::uint64_t weights = next_weights_;
  next_weights_ += room;
  return {kActivations[layer % 2], weights, kActivations[(layer + 1) % 2], kPartialSums};
}

}  // namespace masala::gemmini
