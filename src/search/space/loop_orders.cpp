#include "search/space/loop_orders.h"

#include <algorithm>

namespace masala::search {

using model::Dim;

namespace {

// Candidates that differ in the sequence of the loops in `present`.
std::vector<LoopOrder> distinct_orders(const std::vector<LoopOrder>& orders, unsigned present) {
  std::vector<LoopOrder> distinct;
  std::vector<std::vector<Dim>> seen;
  for (const LoopOrder& order : orders) {
    std::vector<Dim> loops;
    for (Dim dim : order) {
      if ((present & bit(dim)) != 0) loops.push_back(dim);
    }
    if (std::find(seen.begin(), seen.end(), loops) != seen.end()) continue;
    seen.push_back(std::move(loops));
    distinct.push_back(order);
  }
  return distinct;
}

Dim innermost_present(const LoopOrder& order, unsigned present) {
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    if ((present & bit(*it)) != 0) return *it;
  }
  return order.back();
}

// An order with C or N innermost gains nothing over one that has R or S, P or Q there: the same
// operand stays in place, and of the inputs a halo at best.
void remove_dominated(std::vector<LoopOrder>& orders, unsigned present) {
  const auto any_innermost = [&](Dim a, Dim b) {
    return std::any_of(orders.begin(), orders.end(), [&](const LoopOrder& order) {
      const Dim innermost = innermost_present(order, present);
      return innermost == a || innermost == b;
    });
  };
  const bool halo_for_c = any_innermost(Dim::R, Dim::S);
  const bool halo_for_n = any_innermost(Dim::P, Dim::Q);
  orders.erase(std::remove_if(orders.begin(),
                              orders.end(),
                              [&](const LoopOrder& order) {
                                const Dim innermost = innermost_present(order, present);
                                return (innermost == Dim::C && halo_for_c) ||
                                       (innermost == Dim::N && halo_for_n);
                              }),
               orders.end());
}

}  // namespace

std::vector<LoopOrder> order_candidates(const Mapspace& mapspace,
                                        int level,
                                        unsigned present,
                                        CandidateOrders needed) {
  std::vector<LoopOrder> orders = {mapspace.default_order[static_cast<std::size_t>(level)]};
  for (const OrderChoice& choice : mapspace.choices) {
    if (choice.level == level) orders = choice.candidates;
  }
  orders = distinct_orders(orders, present);
  if (needed == CandidateOrders::undominated) remove_dominated(orders, present);
  return orders;
}

double count_orders(const Mapspace& mapspace, const model::Layer& layer, CandidateOrders needed) {
  unsigned present = 0;
  for (Dim dim : model::kAllDims) {
    if (layer.bounds[dim] > 1) present |= bit(dim);
  }
  double choices = 1.0;
  for (int level = 0; level < mapspace.num_levels; ++level)
    choices *= static_cast<double>(order_candidates(mapspace, level, present, needed).size());
  return choices;
}

}  // namespace masala::search
