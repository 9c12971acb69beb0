#include "targets/gemmini/program/cache_state.h"

#include <stdexcept>
#include <string>

namespace masala::gemmini {

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

CacheState cache_of(std::string_view name) {
  for (CacheState state : kAllCacheStates) {
    if (gemmini::name(state) == name) return state;
  }
  throw std::invalid_argument("unknown state of the caches: " + std::string(name));
}

}  // namespace masala::gemmini
