#include "simulator/cache_state.h"

namespace masala::simulator {
namespace {

constexpr CacheState kAllStates[] = {
    CacheState::warm, CacheState::inputs, CacheState::llc, CacheState::cold, CacheState::carry};

}  // namespace

std::string_view name(CacheState state) {
  switch (state) {
    case CacheState::warm: return "warm";
    case CacheState::inputs: return "inputs";
    case CacheState::llc: return "llc";
    case CacheState::cold: return "cold";
    case CacheState::carry: break;
  }
  return "carry";
}

std::optional<CacheState> cache_from_name(std::string_view text) {
  for (CacheState state : kAllStates) {
    if (name(state) == text) return state;
  }
  return std::nullopt;
}

}  // namespace masala::simulator
