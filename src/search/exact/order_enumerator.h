// The loop orders that an exact search must cost: every other one is at least matched by one of
// them in each word count.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "search/space/loop_orders.h"

namespace masala::search {

// For given factors, the candidates of the mapspace and, wherever a loop's move can coincide with
// the innermost one's (docs/model.md, words filled), the orders that make it so. Proof in
// docs/search.md. Orders are told apart by their loops with a bound above 1.
class OrderEnumerator {
 public:
  OrderEnumerator(const model::Accelerator& accelerator,
                  const Mapspace& mapspace,
                  const model::Layer& layer,
                  CandidateOrders needed);

  // Gives the mapping one choice of orders after the other and calls visit, always in the same
  // sequence. The factors must be those of the layer.
  void for_each(model::Mapping& mapping, const std::function<void()>& visit) const;

 private:
  // By how much a loop moves a tile of inputs.
  struct TileShift {
    std::int64_t w = 0;
    std::int64_t h = 0;
    bool leaves_tile = false;
  };
  // Moves of a tile of inputs along the loops so far, inner to outer.
  struct Trajectory {
    bool started = false;
    TileShift first;
    TileShift sum;

    bool coincides(const TileShift& shift) const;
    void advance(const TileShift& shift);
  };
  // A tile of inputs: kept at `level`, with the spatial factors of the levels up to `through`.
  struct InputTile {
    int level = 0;
    int through = 0;
  };
  struct Loops;
  struct Prefix;
  using Trajectories = std::vector<Trajectory>;

  void visit_level(int level,
                   model::Mapping& mapping,
                   const Trajectories& trajectories,
                   const std::function<void()>& visit) const;
  void extend(const Loops& loops,
              const Prefix& prefix,
              const std::function<void(const LoopOrder&)>& emit) const;
  bool may_coincide(int level,
                    unsigned present,
                    const model::Mapping& mapping,
                    const Trajectories& trajectories) const;
  std::int64_t extent_below(const model::Mapping& mapping,
                            int level,
                            const InputTile& tile,
                            model::Dim dim) const;
  Loops loops_at(int level, unsigned present, const model::Mapping& mapping) const;
  Trajectories advanced(Trajectories trajectories,
                        const Loops& loops,
                        const LoopOrder& order) const;
  LoopOrder completed(const Loops& loops, const std::vector<model::Dim>& inner) const;

  const model::Accelerator& accelerator_;
  const Mapspace& mapspace_;
  const model::Layer& layer_;
  std::vector<InputTile> tiles_;
  // [level][set of dimensions with a loop]: the candidates that differ.
  std::vector<std::vector<std::vector<LoopOrder>>> candidates_;
};

}  // namespace masala::search
