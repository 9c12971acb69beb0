// The neighbours of a mapping: one factor moved between two slots of a dimension, or, where factors
// may be imperfect, one tile made longer or shorter.
#pragma once

#include <random>
#include <vector>

#include "search/space/layer_space.h"

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
  FactorSlot from;         // the slot that changes
  FactorSlot to;           // of a transfer
  std::int64_t prime = 1;  // of a transfer
};

// Of the mappings of one layer. Keeps references to the mapspace and the layer.
class Neighbourhood {
 public:
  Neighbourhood(const Mapspace& mapspace, const model::Layer& layer, model::Factors factors)
      : mapspace_(mapspace), layer_(layer), factors_(factors) {}
  explicit Neighbourhood(const LayerSpace& space)
      : Neighbourhood(space.mapspace(), space.layer(), space.factors()) {}

  // Every move that leads from the mapping to another one with such factors, always in the same
  // order.
  std::vector<FactorMove> moves(const model::Mapping& mapping) const;
  // False, and the mapping as it was, where the move is not possible or changes nothing.
  bool apply(const FactorMove& move, model::Mapping& mapping) const;

 private:
  void add_transfers(const std::vector<FactorSlot>& slots,
                     model::Dim dim,
                     const model::Mapping& mapping,
                     std::vector<FactorMove>& moves) const;

  const Mapspace& mapspace_;
  const model::Layer& layer_;
  model::Factors factors_;
};

}  // namespace masala::search
