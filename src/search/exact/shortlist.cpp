#include "search/exact/shortlist.h"

#include <algorithm>
#include <cstdint>
#include <iomanip>
#include <sstream>
#include <stdexcept>
#include <tuple>

#include "search/exact/factor_space.h"
#include "search/exact/order_enumerator.h"

namespace masala::search {
namespace {

constexpr double kMostMappings = 1e8;

struct Entry {
  double price = 0.0;
  std::int64_t number = 0;  // in the enumeration
  CostedMapping point;

  bool operator<(const Entry& other) const {
    return std::tie(price, number) < std::tie(other.price, other.number);
  }
};

// Whether two mappings are the same loop nest: loops of one iteration may stand anywhere.
bool same_loops(const model::Mapping& a, const model::Mapping& b) {
  const auto next = [](const model::LevelMapping& level, std::size_t at) {
    while (at < level.order.size() && level.temporal[level.order[at]] == 1) ++at;
    return at;
  };
  for (int l = 0; l < a.num_levels; ++l) {
    const model::LevelMapping& x = a.levels[l];
    const model::LevelMapping& y = b.levels[l];
    if (x.temporal.values != y.temporal.values || x.spatial.values != y.spatial.values)
      return false;
    std::size_t i = next(x, 0);
    std::size_t j = next(y, 0);
    for (; i < x.order.size() && j < y.order.size(); i = next(x, i + 1), j = next(y, j + 1)) {
      if (x.order[i] != y.order[j]) return false;
    }
  }
  return true;
}

// The best entries so far; the worst of them on top of a heap.
class Best {
 public:
  explicit Best(std::size_t count) : count_(count) {}

  bool admits(double price) const {
    return entries_.size() < count_ || price < entries_.front().price;
  }
  // The enumeration of orders may meet one twice.
  void add(Entry entry) {
    for (const Entry& known : entries_) {
      if (known.price == entry.price && same_loops(known.point.mapping, entry.point.mapping))
        return;
    }
    if (entries_.size() == count_) {
      std::pop_heap(entries_.begin(), entries_.end());
      entries_.pop_back();
    }
    entries_.push_back(std::move(entry));
    std::push_heap(entries_.begin(), entries_.end());
  }
  std::vector<CostedMapping> sorted() && {
    std::sort(entries_.begin(), entries_.end());
    std::vector<CostedMapping> points;
    points.reserve(entries_.size());
    for (Entry& entry : entries_) points.push_back(std::move(entry.point));
    return points;
  }

 private:
  std::size_t count_;
  std::vector<Entry> entries_;
};

void check_size(const FactorCount& count, const model::Layer& layer) {
  std::ostringstream text;
  text << std::setprecision(3) << layer.name << ": ";
  if (count.mappings > kMostMappings) {
    text << count.mappings << " mappings are too many to go through; expected at most "
         << kMostMappings;
  } else if (count.splits > kMostSplits) {
    text << count.splits << " ways to divide its bounds over the levels are too many to keep; "
         << "expected at most " << kMostSplits;
  } else {
    return;
  }
  throw std::invalid_argument(text.str());
}

}  // namespace

std::vector<CostedMapping> shortlist(const LayerSpace& space,
                                     const ShortlistRequest& request,
                                     const Monitor& monitor) {
  const model::Layer& layer = space.layer();
  check_size(count_factors(space.mapspace(), layer, space.machine()), layer);
  const FactorSpace factors(space.mapspace(), layer, space.machine());
  // A latency model may tell apart orders that move the same words.
  const OrderEnumerator orders(
      space.whole().problem().accelerator, space.mapspace(), layer, CandidateOrders::all);
  EvaluationMeter meter;
  Best best(request.count);
  std::int64_t number = 0;
  const auto admitted = [&](double energy_pj, double cycles) {
    return best.admits(request.price(energy_pj, cycles));
  };
  const auto may_fit = [&](const model::Mapping& mapping, bool /*unrolled*/) {
    monitor.throw_if_stopped();
    return space.whole().evaluator().tiles_fit(mapping, layer, space.machine());
  };
  const auto visit = [&](model::Mapping& mapping, const FactorSpace::Splits& /*splits*/) {
    orders.for_each(mapping, [&] {
      ++number;
      monitor.throw_if_stopped();
      if (!space.fits(mapping)) return;
      std::optional<CostedMapping> point = space.evaluate_if(admitted, mapping, meter);
      if (!point) return;
      best.add({request.price(point->energy_pj, point->cycles), number, std::move(*point)});
    });
  };
  for (int task = 0; task < factors.num_tasks(); ++task) factors.for_each(task, may_fit, visit);
  return std::move(best).sorted();
}

}  // namespace masala::search
