// What the residual network sees of a mapping on Gemmini: ratios and shapes, no sizes, so that it
// has little to extrapolate.
#pragma once

#include <string>
#include <vector>

#include "targets/gemmini/latency/calibration.h"

namespace masala::gemmini {

// In the order of the two functions below: those of the tiles first.
std::vector<std::string> gemmini_feature_names();

// Of the tiles and loops: independent of the fitted constants.
template <class V>
std::vector<V> tile_features(const TileNest<V>& nest,
                             const Counters<V>& counters,
                             const V& is_matmul);

// Of the units' cycles: which of them limit the layer, and what their time consists of.
template <class V>
std::vector<V> unit_features(const UnitCycles<V>& units);

}  // namespace masala::gemmini
