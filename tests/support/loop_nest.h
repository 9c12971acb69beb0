// A brute-force interpreter of a mapping's loop nest: the oracle of the traffic counts.
//
// It runs every temporal iteration, builds the coordinates that each tile holds, and counts what a
// tile lacks of its predecessor. Where factors multiply to more than a bound, coordinates beyond it
// are left out. It shares no formula with src/model, and only suits tiny layers.
#pragma once

#include <cstdint>

#include "masala/model/layer.h"
#include "masala/model/mapping.h"
#include "masala/model/traffic.h"

namespace masala::testing {

// Which overlap of an input tile with its predecessor need not be fetched again. Weights and
// outputs need no rule: their tiles are the same or disjoint.
enum class HaloCredit {
  // Every word that the tile held one step ago.
  any_overlap,
  // Those words where the tile moved exactly as the innermost outer loop moves it, or not at all.
  like_innermost_loop,
  // The same test on the displacement that Timeloop assumes: the loop that advances steps by one
  // and each loop inside it that ran more than once goes back from 1 to 0, whatever its bound is.
  // The innermost loop is the innermost of these; where there is none, the true overlap counts. A
  // tile that stays where it is by cancellation is fetched again unless the innermost loop keeps
  // it, too.
  as_timeloop,
};

// Words fetched over the whole run into one tile of `level`: what its first instance holds, or the
// union of its instances that hang below the first instance of `through`. Input tiles are boxes:
// along W and H they hold every word between their first and last.
std::int64_t words_fetched(model::Operand operand,
                           const model::Mapping& mapping,
                           const model::Layer& layer,
                           int level,
                           int through,
                           HaloCredit credit);

// Steps of the loops outside an input tile at which like_innermost_loop and as_timeloop disagree.
struct CreditDisagreements {
  std::int64_t only_timeloop_credits = 0;  // only the assumed displacement is the innermost loop's
  std::int64_t only_truth_credits = 0;     // only the true one is
  std::int64_t tile_stays = 0;             // the true one is zero, the innermost loop's is not

  bool any() const { return only_timeloop_credits + only_truth_credits + tile_stays > 0; }
};
CreditDisagreements credit_disagreements(const model::Mapping& mapping,
                                         const model::Layer& layer,
                                         int level,
                                         int through);

// True when the children below `parent` are unrolled along a sliding dimension outside a temporal
// loop of the same dimension that runs between the two levels: at one time they hold positions
// that lie apart, 0 and 4 of 8, say, rather than a box. The model counts them as neighbours.
bool children_lie_apart(const model::Mapping& mapping, int level, int parent);

// All counts of the run, summed over instances that are visited one by one.
model::Traffic interpret(const model::Mapping& mapping,
                         const model::Layer& layer,
                         const model::Machine& machine,
                         HaloCredit credit);

// Reads, fills and updates of all operands at the instance of each level that has most of them.
model::PerLevel<std::int64_t> busiest_accesses(const model::Mapping& mapping,
                                               const model::Layer& layer,
                                               const model::Machine& machine,
                                               HaloCredit credit);

// Words of the largest tile of each kept operand at each level, summed over the operands.
model::PerLevel<std::int64_t> largest_tiles(const model::Mapping& mapping,
                                            const model::Layer& layer,
                                            const model::Machine& machine);

struct Work {
  std::int64_t steps = 0;  // temporal iterations with at least one MAC
  std::int64_t macs = 0;
};
Work work_of(const model::Mapping& mapping, const model::Layer& layer);

}  // namespace masala::testing
