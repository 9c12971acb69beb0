// What the caches hold when the cycles of a layer begin to count.
#pragma once

#include <array>
#include <string_view>

namespace masala::gemmini {

// warm: the program has gone through all its arrays once. inputs: the layer's inputs alone, as
// after the layer before it in a network. llc: as warm, but L2 is empty. carry: what the layers
// before have really left; the clean program's inputs have been written after that.
enum class CacheState { warm, inputs, llc, cold, carry };
inline constexpr std::array<CacheState, 5> kAllCacheStates = {
    CacheState::warm, CacheState::inputs, CacheState::llc, CacheState::cold, CacheState::carry};

std::string_view name(CacheState state);
// Throws std::invalid_argument for an unknown name.
CacheState cache_of(std::string_view name);

}  // namespace masala::gemmini
