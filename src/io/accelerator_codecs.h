// The types that only fields of accelerator descriptions have.
#pragma once

#include <vector>

#include "io/codecs.h"
#include "masala/model/accelerator.h"

namespace masala::io {

// "16", "pes" or "2 * pes", of the parameters that the accelerator has when it is read. A
// count is a whole number of things (instances, words of a block, fan-out); a rate need not be.
enum class Quantity { count, rate };
Codec<model::Scaled> scaled(const model::Accelerator& accelerator, Quantity quantity);
// {K: pes, ...}
Codec<std::vector<model::SpatialDim>> spatial_dims(const model::Accelerator& accelerator);

// {fixed: N}, or {min, max, step | powers_of_two, default}.
Codec<model::Range> range();

Codec<model::PerOperand<bool>> operands();
Codec<model::Dim> dim();
Codec<model::PerDim<bool>> dims();

Codec<model::AccessEnergy> access_energy();
// {mm2: coefficient, <hardware key>: exponent, ...}
Codec<model::AreaTerm> area_term();

}  // namespace masala::io
