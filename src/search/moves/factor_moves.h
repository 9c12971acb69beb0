// Neighbours of an integer mapping: one factor moved between two slots of a dimension, or, where
// factors may be imperfect, one tile made longer or shorter.
#pragma once

#include <vector>

#include "search/space/mapspace.h"

namespace masala::search {

struct FactorMove {
  enum class Kind {
    transfer,      // a prime factor goes from one slot to another
    shorter,       // imperfect only: the factor of a slot less one,
    longer,        // or one more,
    fewer_trips,   // or the least with which the outermost loop runs once less,
    more_trips,    // once more,
    halved_trips,  // half as often,
    doubled_trips  // or twice as often
  };
  Kind kind = Kind::transfer;
  model::Dim dim = model::Dim::R;
  Slot from;               // the slot that changes
  Slot to;                 // of a transfer
  std::int64_t prime = 1;  // of a transfer
};

// Every move that leads from a mapping of the layer to another one with such factors.
std::vector<FactorMove> factor_moves(const Mapspace& mapspace,
                                     const model::Layer& layer,
                                     model::Factors factors,
                                     const model::Mapping& mapping);

// False, and the mapping as it was, where the move is not possible or changes nothing.
bool apply(const FactorMove& move,
           const Mapspace& mapspace,
           const model::Layer& layer,
           model::Factors factors,
           model::Mapping& mapping);

}  // namespace masala::search
