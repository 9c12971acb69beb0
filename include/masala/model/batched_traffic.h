// Batched, differentiable word counts: the relaxed form of traffic.h.
#pragma once

#include "masala/model/accelerator.h"
#include "masala/model/batch.h"

namespace masala::model {

// Words in total over the used instances of a level, [B]; undefined tensors where an operand is not
// kept (and for updates of weights and inputs, fills at the outermost level).
struct TrafficBatch {
  PerLevel<PerOperand<Tensor>> reads;
  PerLevel<PerOperand<Tensor>> fills;
  PerLevel<PerOperand<Tensor>> updates;
  PerLevel<PerOperand<Tensor>> tile_words;  // words of the tile of each kept operand, per instance
  PerLevel<Tensor> instances;               // used instances of each level, [B]
  Tensor compute_cycles;                    // [B]
};

// At integer factors every count equals count_traffic() of traffic.h exactly.
//
// Between integers a loop of bound n counts as present to the degree a(n) = min(1, n - 1): an
// operand that does not depend on a loop is kept across it to the degree max(0, 1 - sum of a over
// the relevant loops inside), so that pushing a small inner loop towards 1 has a gradient. At the
// kinks (n = 1, n = 2, the sum reaching 1) autograd's one-sided derivatives apply. Whether two tile
// displacements coincide (see words_filled) is a hard choice without gradient.
TrafficBatch count_traffic(const MappingBatch& mapping,
                           const LayerBatch& layers,
                           const Accelerator& accelerator);

}  // namespace masala::model
