#include "search/exact/size_search.h"

#include <algorithm>
#include <array>
#include <limits>
#include <queue>

namespace masala::search {
namespace {

// Bounds and values add up the same numbers in other orders.
constexpr double kRounding = 1.0 - 1e-12;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// A point of a front, weighted by the executions of its layer.
struct FrontPoint {
  std::array<std::size_t, model::kMaxLevels> needed{};
  double cycles = 0.0;
  double pj_at_zero_kib = 0.0;
  std::array<double, model::kMaxLevels> pj_per_kib{};
  std::size_t index = 0;  // in the front
};

// Sizes between two corners, as positions among the needed steps.
struct Box {
  std::vector<std::size_t> low;
  std::vector<std::size_t> high;
  double bound = 0.0;
  std::size_t number = 0;      // in order of creation
  std::size_t split_size = 0;  // where to divide it
};

struct LaterFirst {
  bool operator()(const Box& a, const Box& b) const {
    return a.bound != b.bound ? a.bound > b.bound : a.number > b.number;
  }
};

class SizeSearch {
 public:
  SizeSearch(const std::vector<WeightedFront>& layers,
             const ParameterPoint& point,
             const DiscreteSpace& space,
             double incumbent)
      : point_(point), space_(space), num_sizes_(point.sizes().size()), incumbent_(incumbent) {
    for (const WeightedFront& layer : layers) add_layer(layer);
    for (std::size_t s = 0; s < num_sizes_; ++s) collect_steps(s);
  }

  std::optional<SizedDesign> run(const Monitor& monitor) {
    for (const std::vector<FrontPoint>& layer : layers_) {
      if (layer.empty()) return std::nullopt;
    }
    Box root;
    root.low.assign(num_sizes_, 0);
    for (std::size_t s = 0; s < num_sizes_; ++s) root.high.push_back(steps_[s].size() - 1);
    push(std::move(root));
    while (!open_.empty() && open_.top().bound < incumbent_ * kRounding) {
      if (monitor.stop_requested()) break;
      const Box box = open_.top();
      open_.pop();
      split(box);
    }
    return best_;
  }

 private:
  void add_layer(const WeightedFront& layer) {
    std::vector<FrontPoint> candidates;
    for (std::size_t i = 0; i < layer.front->size(); ++i) {
      const double* coordinates = layer.front->point(i);
      FrontPoint candidate;
      candidate.index = i;
      candidate.cycles = layer.executions * coordinates[num_sizes_];
      candidate.pj_at_zero_kib = layer.executions * coordinates[num_sizes_ + 1];
      for (std::size_t s = 0; s < num_sizes_; ++s) {
        candidate.needed[s] = static_cast<std::size_t>(coordinates[s]);
        candidate.pj_per_kib[s] = layer.executions * coordinates[num_sizes_ + 2 + s];
      }
      candidates.push_back(candidate);
    }
    std::sort(candidates.begin(), candidates.end(), [](const FrontPoint& a, const FrontPoint& b) {
      return a.cycles != b.cycles ? a.cycles < b.cycles : a.index < b.index;
    });
    layers_.push_back(std::move(candidates));
  }

  // The steps worth considering: some mapping needs them. A larger size only costs more.
  void collect_steps(std::size_t s) {
    std::vector<std::size_t> steps;
    for (const std::vector<FrontPoint>& layer : layers_) {
      for (const FrontPoint& candidate : layer) steps.push_back(candidate.needed[s]);
    }
    std::sort(steps.begin(), steps.end());
    steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
    steps_.push_back(std::move(steps));
  }

  double kib(std::size_t s, std::size_t step) const { return point_.sizes()[s].kib[step]; }

  double energy_pj(const FrontPoint& candidate, const std::vector<std::size_t>& steps) const {
    double energy = candidate.pj_at_zero_kib;
    for (std::size_t s = 0; s < num_sizes_; ++s) {
      energy += candidate.pj_per_kib[s] * kib(s, std::max(steps[s], candidate.needed[s]));
    }
    return energy;
  }

  // The hull of what fits the largest sizes of the box, at the energy of the smallest ones that
  // hold the mapping.
  std::vector<Choice> hull_in(const std::vector<FrontPoint>& layer,
                              const std::vector<std::size_t>& low,
                              const std::vector<std::size_t>& high) const {
    std::vector<Choice> hull;
    for (std::size_t i = 0; i < layer.size(); ++i) {
      const auto fits = [&] {
        for (std::size_t s = 0; s < num_sizes_; ++s) {
          if (layer[i].needed[s] > high[s]) return false;
        }
        return true;
      };
      if (fits()) extend_hull(hull, {energy_pj(layer[i], low), layer[i].cycles, i});
    }
    return hull;
  }

  // Bounds the box and tries the design that attains the bound on the hardware that it needs.
  void push(Box box) {
    std::vector<std::size_t> low;
    std::vector<std::size_t> high;
    for (std::size_t s = 0; s < num_sizes_; ++s) {
      low.push_back(steps_[s][box.low[s]]);
      high.push_back(steps_[s][box.high[s]]);
    }
    std::vector<std::vector<Choice>> hulls;
    for (const std::vector<FrontPoint>& layer : layers_) {
      hulls.push_back(hull_in(layer, low, high));
      if (hulls.back().empty()) return;
    }
    const Combination best = best_combination(hulls, space_, point_.area_mm2(low));
    if (!(best.objective < incumbent_ * kRounding)) return;
    try_design(best, low);
    box.bound = best.objective;
    box.split_size = widest(box, best, low, high);
    box.number = next_number_++;
    if (box.low != box.high && box.bound < incumbent_ * kRounding) open_.push(std::move(box));
  }

  void try_design(const Combination& combination, std::vector<std::size_t> steps) {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      for (std::size_t s = 0; s < num_sizes_; ++s)
        steps[s] = std::max(steps[s], layers_[i][combination.indices[i]].needed[s]);
    }
    double energy = 0.0;
    std::vector<std::size_t> points;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const FrontPoint& candidate = layers_[i][combination.indices[i]];
      energy += energy_pj(candidate, steps);
      points.push_back(candidate.index);
    }
    const double objective = space_.objective(energy, combination.cycles, point_.area_mm2(steps));
    if (!(objective < incumbent_)) return;
    incumbent_ = objective;
    best_ = SizedDesign{std::move(steps), std::move(points), objective};
  }

  // The size whose range matters most for the energy of the combination.
  std::size_t widest(const Box& box,
                     const Combination& combination,
                     const std::vector<std::size_t>& low,
                     const std::vector<std::size_t>& high) const {
    std::size_t widest = 0;
    double most = -1.0;
    for (std::size_t s = 0; s < num_sizes_; ++s) {
      if (box.low[s] == box.high[s]) continue;
      double pj_per_kib = 0.0;
      for (std::size_t i = 0; i < layers_.size(); ++i)
        pj_per_kib += layers_[i][combination.indices[i]].pj_per_kib[s];
      const double spread = pj_per_kib * (kib(s, high[s]) - kib(s, low[s]));
      if (spread <= most) continue;
      most = spread;
      widest = s;
    }
    return widest;
  }

  void split(const Box& box) {
    const std::size_t s = box.split_size;
    const std::size_t middle = (box.low[s] + box.high[s]) / 2;
    Box small = box;
    small.high[s] = middle;
    Box large = box;
    large.low[s] = middle + 1;
    push(std::move(small));
    push(std::move(large));
  }

  const ParameterPoint& point_;
  const DiscreteSpace& space_;
  std::size_t num_sizes_;
  double incumbent_;
  std::vector<std::vector<FrontPoint>> layers_;  // by cycles
  std::vector<std::vector<std::size_t>> steps_;  // per size, ascending
  std::priority_queue<Box, std::vector<Box>, LaterFirst> open_;
  std::size_t next_number_ = 0;
  std::optional<SizedDesign> best_;
};

}  // namespace

void extend_hull(std::vector<Choice>& hull, const Choice& choice) {
  while (!hull.empty()) {
    const Choice& last = hull.back();
    if (choice.cycles == last.cycles) {
      if (choice.energy_pj >= last.energy_pj) return;
      hull.pop_back();
      continue;
    }
    if (choice.energy_pj >= last.energy_pj) return;  // slower and no better
    if (hull.size() == 1) break;
    const Choice& before = hull[hull.size() - 2];
    // `last` stays if it lies below the line from `before` to `choice`.
    const double saved_to_last = before.energy_pj - last.energy_pj;
    const double saved = before.energy_pj - choice.energy_pj;
    if (saved_to_last * (choice.cycles - before.cycles) > saved * (last.cycles - before.cycles))
      break;
    hull.pop_back();
  }
  hull.push_back(choice);
}

Combination best_combination(const std::vector<std::vector<Choice>>& hulls,
                             const DiscreteSpace& space,
                             double area_mm2) {
  // From the fastest choices on, the steps along the hulls by how much energy a cycle buys.
  struct HullEdge {
    double saved_per_cycle;
    std::size_t layer;
    std::size_t to;
  };
  std::vector<HullEdge> steps;
  Combination best;
  std::vector<std::size_t> at(hulls.size(), 0);
  for (std::size_t i = 0; i < hulls.size(); ++i) {
    best.energy_pj += hulls[i].front().energy_pj;
    best.cycles += hulls[i].front().cycles;
    double last = kInfinity;  // along a hull it only falls, but for rounding
    for (std::size_t v = 1; v < hulls[i].size(); ++v) {
      const Choice& from = hulls[i][v - 1];
      const Choice& to = hulls[i][v];
      last = std::min(last, (from.energy_pj - to.energy_pj) / (to.cycles - from.cycles));
      steps.push_back({last, i, v});
    }
  }
  std::sort(steps.begin(), steps.end(), [](const HullEdge& a, const HullEdge& b) {
    if (a.saved_per_cycle != b.saved_per_cycle) return a.saved_per_cycle > b.saved_per_cycle;
    return a.layer != b.layer ? a.layer < b.layer : a.to < b.to;
  });
  double energy_pj = best.energy_pj;
  double cycles = best.cycles;
  best.objective = space.objective(energy_pj, cycles, area_mm2);
  std::size_t taken = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::vector<Choice>& hull = hulls[steps[i].layer];
    energy_pj += hull[steps[i].to].energy_pj - hull[steps[i].to - 1].energy_pj;
    cycles += hull[steps[i].to].cycles - hull[steps[i].to - 1].cycles;
    const double objective = space.objective(energy_pj, cycles, area_mm2);
    if (objective >= best.objective) continue;
    best = {energy_pj, cycles, objective, {}};
    taken = i + 1;
  }
  for (std::size_t i = 0; i < taken; ++i) at[steps[i].layer] = steps[i].to;
  for (std::size_t i = 0; i < hulls.size(); ++i) best.indices.push_back(hulls[i][at[i]].index);
  return best;
}

std::optional<SizedDesign> best_sizes(const std::vector<WeightedFront>& layers,
                                      const ParameterPoint& point,
                                      const DiscreteSpace& space,
                                      double incumbent,
                                      const Monitor& monitor) {
  return SizeSearch(layers, point, space, incumbent).run(monitor);
}

}  // namespace masala::search
