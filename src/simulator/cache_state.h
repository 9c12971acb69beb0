// What the caches hold when the cycles of a layer begin to count.
#pragma once

#include <optional>
#include <string_view>

namespace masala::simulator {

// warm: the program has gone through all its arrays once. inputs: the layer's inputs alone, as
// after the layer before it in a network. llc: as warm, but L2 is empty. carry: what the layers
// before have really left; the clean program's inputs have been written after that.
enum class CacheState { warm, inputs, llc, cold, carry };

std::string_view name(CacheState state);
std::optional<CacheState> cache_from_name(std::string_view text);

}  // namespace masala::simulator
