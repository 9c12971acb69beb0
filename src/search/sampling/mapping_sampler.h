// Random valid mappings of layers on random hardware: what to measure when a latency model is to be
// fitted. Rows of a layer come in pairs. The first is spread: its tile volume is one of eight
// intervals' in turn, of the logarithmic range that the layer allows. The second is dense, as
// searches find them: every spatial factor is the largest, and no prime factor more fits its tile.
// Innermost outer loops take turns; a layer with few dense mappings has spread rows instead. With
// imperfect factors, tiles of such rows are resized afterwards, those of dense ones to grow.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "masala/model/accelerator.h"
#include "masala/model/cost.h"
#include "masala/model/layer.h"
#include "masala/model/mapping.h"
#include "masala/model/monitor.h"

namespace masala::search {

// Every reason why the machine cannot run the mapping, beyond its capacities: what a driver asks.
using RunCheck = std::function<std::vector<std::string>(
    const model::Mapping&, const model::Layer&, const model::Hardware&)>;

struct MappingSampleRequest {
  model::Accelerator accelerator;
  std::vector<model::FixedValue> fixed;         // hardware values that must not change
  std::vector<model::FixedValue> checked_with;  // stand in for a draw's sizes in the capacity check
  std::vector<model::Layer> layers;             // of distinct shapes
  model::Factors factors = model::Factors::perfect;
  std::int64_t count = 0;
  std::uint64_t seed = 0;
  int threads = 1;
  RunCheck run_problems;  // may be empty
};

struct SampledMapping {
  std::size_t layer = 0;
  model::Hardware hardware;
  model::Mapping mapping;
  bool is_repeated = false;  // the layer has hardly more mappings than were asked for
};

// Rows in turn over the layers; the first rows of a longer sample are the shorter one, whatever the
// threads. Throws std::invalid_argument, with a line per layer, where a layer runs on no hardware
// that was drawn, and model::Interrupted on request.
std::vector<SampledMapping> sample_mappings(const MappingSampleRequest& request,
                                            const model::Monitor& monitor = {});

// Draws the next row of a layer.
using LayerSampling = std::function<SampledMapping()>;
// Rows in turn over the layers: row i is of layer i mod layers. start(layer) says how to draw those
// of a layer, one after the other; layers run on several threads. Throws std::invalid_argument with
// the message of every layer for which drawing did.
std::vector<SampledMapping> rows_in_turn(
    std::size_t layers,
    std::int64_t count,
    int threads,
    const std::function<LayerSampling(std::size_t layer)>& start);

// Words of the iteration space inside the outermost temporal loops: the volume that is stratified.
double tile_volume(const model::Mapping& mapping, const model::Layer& layer);

}  // namespace masala::search
