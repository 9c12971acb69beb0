// Moves of prime factors that make the tiles of a mapping smaller or larger.
#pragma once

#include <functional>
#include <random>

#include "masala/model/cost.h"
#include "masala/model/mapping.h"
#include "search/space/mapspace.h"

namespace masala::search {

using MappingCheck = std::function<bool(const model::Mapping&)>;

// Moves prime factors to the outermost loops, at random, until the mapping passes. Ends at the
// latest with all of them outermost, which may not pass.
void shrink_until(const MappingCheck& passes,
                  const Mapspace& mapspace,
                  std::mt19937_64& rng,
                  model::Mapping& mapping);

// Every spatial factor as large as the bound's divisors and the array allow, taken from the
// outermost loops. Where a dimension unrolls at several levels, the inner ones come first.
void unroll_fully(const Mapspace& mapspace, const model::Machine& machine, model::Mapping& mapping);

// Moves prime factors from the outermost loops into tiles as long as the mapping `runs`, in a
// random order that favours some dimensions over others: in the end none of them fits any more,
// where tiles only ever stop running by growing.
void grow_to_fit(const MappingCheck& runs,
                 const Mapspace& mapspace,
                 std::mt19937_64& rng,
                 model::Mapping& mapping);

// Resizes up to `most` tiles of the mapping at random, so that they no longer divide the layer, as
// long as it runs; only to larger ones if it `grows`.
void resize_tiles(const MappingCheck& runs,
                  const Mapspace& mapspace,
                  const model::Layer& layer,
                  int most,
                  bool grows,
                  std::mt19937_64& rng,
                  model::Mapping& mapping);

}  // namespace masala::search
