// Batched, differentiable latency, energy, hardware needs and area: the relaxed form of cost.h.
#pragma once

#include "masala/model/accelerator.h"
#include "masala/model/batch.h"
#include "masala/model/batched_traffic.h"

namespace masala::model {

// Of one execution of the layer of each batch element.
struct CostBatch {
  Tensor cycles;                  // [B] roofline
  Tensor energy_pj;               // [B]
  PerLevel<Tensor> level_cycles;  // [B] each; undefined where bandwidth is unlimited
};

// What a latency model says of one execution of one group of the layer of each batch element;
// differentiable in the factors.
struct LatencyBatch {
  Tensor cycles;   // [B]
  Tensor log_std;  // [B]
};

// Roofline latency and energy from counts. Ceilings pass gradients straight through; the maximum
// over levels passes it to the level that sets it (split evenly on ties).
CostBatch cost_of(const TrafficBatch& traffic,
                  const LayerBatch& layers,
                  const HardwareBatch& hardware,
                  const Accelerator& accelerator);

// Words that the tiles of all kept operands take, per instance, doubled where double-buffered; zero
// for the outermost level. [L,B]
Tensor words_needed(const TrafficBatch& traffic, const Accelerator& accelerator);

// KiB that hold `words` [L,...] per instance, all instances together: words x bits x instances; not
// rounded to the step. Zero where a level is not sized. parameters: [H,...]. Returns [L,...].
Tensor kib_for(const Tensor& words, const Tensor& parameters, const Accelerator& accelerator);

// [B], mm2.
Tensor area_mm2(const HardwareBatch& hardware, const Accelerator& accelerator);

// ceil(x) with the gradient of x.
Tensor ceil_straight_through(const Tensor& x);

}  // namespace masala::model
