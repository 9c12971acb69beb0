#include "search/soft_orders.h"

#include <algorithm>

namespace masala::search {

using torch::Tensor;

namespace {

// At least one: the orders as they are, where no level has a choice.
std::int64_t num_candidates(const Mapspace& mapspace) {
  std::int64_t count = 0;
  for (const OrderChoice& choice : mapspace.choices) {
    count += static_cast<std::int64_t>(choice.candidates.size());
  }
  return std::max<std::int64_t>(1, count);
}

}  // namespace

SoftOrders::SoftOrders(const DiscreteSpace& space, const Relaxation& starts, double sharpness)
    : starts_(starts),
      exponents_(space.exponents()),
      sharpness_(sharpness),
      all_(space, num_candidates(space.mapspace()) * starts.num_starts()) {
  for (const OrderChoice& choice : space.mapspace().choices) {
    for (const LoopOrder& candidate : choice.candidates)
      candidates_.push_back({choice.level, order_column(candidate)});
  }
}

Tensor SoftOrders::candidate_orders(const Tensor& order) const {
  const std::int64_t size = starts_.size();
  const Tensor orders = order.repeat({1, 1, all_.size() / size});
  for (std::size_t o = 0; o < candidates_.size(); ++o) {
    const Candidate& candidate = candidates_[o];
    const Tensor block =
        orders[candidate.level].narrow(1, static_cast<std::int64_t>(o) * size, size);
    block.copy_(candidate.order.expand_as(block));
  }
  return orders;
}

Tensor SoftOrders::loss(const Tensor& logs, const Tensor& order) const {
  const std::int64_t size = starts_.size();
  const std::int64_t count = all_.size() / size;
  const RelaxedCost all = all_.cost(logs.repeat({1, count}), candidate_orders(order));
  const Tensor energy_pj = all.energy_pj.view({count, size});
  const Tensor cycles = all.cycles.view({count, size});
  const Tensor log_cost =
      exponents_.energy * energy_pj.log() + exponents_.cycles * cycles.log();  // [O,B]
  const Tensor weights = (-sharpness_ * log_cost).softmax(0);
  // Tiles, and with them hardware and limits, are the same for every order.
  const std::int64_t starts = starts_.num_starts();
  RelaxedCost mixed;
  mixed.words = all.words.narrow(1, 0, starts);
  mixed.kib_needed = all.kib_needed.narrow(1, 0, starts);
  mixed.area_mm2 = all.area_mm2.narrow(0, 0, starts);
  mixed.energy_pj = (weights * energy_pj).sum(0);
  mixed.cycles = (weights * cycles).sum(0);
  return starts_.loss(mixed);
}

}  // namespace masala::search
