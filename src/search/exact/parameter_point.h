// An accelerator whose sizes are still free and whose parameters are given, or one of several: what
// mappings need and cost there, or at least.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "search/space/discrete_space.h"

namespace masala::search {

// The values that the size of a level may have, ascending.
struct SizeGrid {
  int level = 0;
  std::vector<double> kib;
  std::vector<std::int64_t> capacity_words;  // per instance, at each value
};

// Energy grows in proportion to every size, cycles do not depend on sizes:
//   energy = pj_at_zero_kib + sum of pj_per_kib[s] x KiB of size s.
struct SizedCost {
  double cycles = 0.0;  // as the objective counts them
  double pj_at_zero_kib = 0.0;
  std::array<double, model::kMaxLevels> pj_per_kib{};  // per size
};

// With several choices of the parameters every need and cost is a lower bound on those of each
// (docs/search.md); neither a latency model nor a driver's need can be bounded so.
class ParameterPoint {
 public:
  using Parameters = std::vector<std::int64_t>;  // one value per parameter of the accelerator

  // Keeps references to the space's problem and evaluator.
  ParameterPoint(const DiscreteSpace& space, const std::vector<Parameters>& choices);

  const std::vector<SizeGrid>& sizes() const { return sizes_; }
  const model::Machine& largest() const { return largest_; }  // every size at its maximum
  // With the parameters of the first choice; steps on the grids of the sizes.
  model::Hardware hardware(const std::vector<std::size_t>& steps) const;
  double area_mm2(const std::vector<std::size_t>& steps) const;

  // Per size, the first step on its grid that holds the mapping's tiles. False where there is
  // none, or another level is too small.
  bool needed_steps(const model::Mapping& mapping,
                    const model::Layer& layer,
                    std::size_t* steps) const;
  // Whether a mapping with at least these tiles may fit.
  bool may_fit(const model::Mapping& mapping, const model::Layer& layer) const;

  // Of a mapping that costs `roofline` on largest().
  SizedCost sized_cost(const model::LayerCost& roofline, double cycles) const;

 private:
  void add_choice(const Parameters& parameters);

  const Problem& problem_;
  const model::Evaluator& evaluator_;
  std::vector<Parameters> choices_;
  model::Hardware largest_hardware_;
  model::Machine largest_;
  std::vector<SizeGrid> sizes_;
  model::PerLevel<bool> counts_words_{};  // as blocks of one word, where choices differ
  model::PerLevel<double> block_pj_at_zero_kib_{};
  model::PerLevel<double> block_pj_per_kib_{};
};

// How many values the size of a level may have, as the problem fixes and frees it.
double count_sizes(const Problem& problem, const model::Level& level);

// Every value of the parameters on the grid, as the problem fixes and frees them. `most` limits the
// number; nullopt beyond.
std::optional<std::vector<ParameterPoint::Parameters>> parameter_grid(const Problem& problem,
                                                                      std::size_t most);

}  // namespace masala::search
