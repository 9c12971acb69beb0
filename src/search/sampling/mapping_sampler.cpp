#include "search/sampling/mapping_sampler.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>

#include "masala/model/evaluator.h"
#include "masala/model/parallel.h"
#include "search/moves/tile_moves.h"
#include "search/space/hardware_draw.h"
#include "search/space/hardware_space.h"
#include "search/space/mapspace.h"

namespace masala::search {
namespace {

using model::Dim;

constexpr int kTriesPerHardware = 200;
constexpr int kCandidates = 16;  // mappings drawn for a row, of which one is taken
constexpr int kRounds = 8;       // of candidates, before a repeated mapping is taken
constexpr std::int64_t kBins = 8;
// A layer cut into more tiles runs for minutes on an FPGA and says nothing new.
constexpr double kMostTiles = 1e6;

// Draws the rows of one layer, one after the other.
class LayerSampler {
 public:
  LayerSampler(const MappingSampleRequest& request,
               const Mapspace& mapspace,
               std::size_t layer,
               const model::Monitor& monitor)
      : request_(request),
        monitor_(monitor),
        accelerator_(request.accelerator),
        mapspace_(mapspace),
        evaluator_(request.accelerator),
        index_(layer),
        layer_(request.layers[layer]),
        smallest_(outermost_mapping(mapspace, layer_)) {
    constexpr int kHalf = 32;
    std::seed_seq sequence{static_cast<std::uint32_t>(request.seed),
                           static_cast<std::uint32_t>(request.seed >> kHalf),
                           static_cast<std::uint32_t>(layer)};
    rng_.seed(sequence);
    least_ = std::max(0.0, std::log(static_cast<double>(layer_.macs()) / kMostTiles));
  }

  SampledMapping next() {
    const double bin = static_cast<double>(pair() * kStride % kBins);
    const double wanted = (bin + random_unit(rng_)) / static_cast<double>(kBins);
    SampledMapping row;
    row.layer = index_;
    std::optional<Candidate> best;
    for (int tries = 0; !best; ++tries) {
      if (tries > kTriesPerHardware) fail(row.hardware);
      draw_hardware(row.hardware, tries == kTriesPerHardware);
      if (!evaluator_.tiles_fit(smallest_, layer_, machine_)) continue;
      if (turn_ % 2 == 1) best = draw_dense(row.hardware);
      if (best) break;
      for (int round = 0; round < kRounds && (round == 0 || (best && best->is_repeated)); ++round) {
        const auto found = draw_candidates(row.hardware, wanted);
        if (found) best = found;
      }
    }
    row.mapping = best->mapping;
    row.is_repeated = best->is_repeated;
    seen_.insert(best->text);
    ++turn_;
    return row;
  }

 private:
  struct Candidate {
    model::Mapping mapping;
    std::string text;
    double log_volume = 0.0;
    bool is_repeated = false;
  };

  // Rows come in pairs of a spread and a dense one, which share what takes turns.
  std::int64_t pair() const { return turn_ / 2; }

  // Consecutive pairs of a layer visit bins far apart, so that short samples are spread too.
  static constexpr std::int64_t kStride = 5;
  static_assert(kBins % kStride != 0, "every bin must be visited");

  bool runs(const model::Mapping& mapping, const model::Hardware& hardware) const {
    monitor_.throw_if_stopped();
    return evaluator_.tiles_fit(mapping, layer_, machine_) &&
           (!request_.run_problems || request_.run_problems(mapping, layer_, hardware).empty());
  }
  MappingCheck runs_on(const model::Hardware& hardware) const {
    return [this, &hardware](const model::Mapping& mapping) { return runs(mapping, hardware); };
  }
  double log_volume(const model::Mapping& mapping) const {
    return std::log(tile_volume(mapping, layer_));
  }

  void set_machine(model::Hardware hardware) {
    for (const model::FixedValue& value : request_.checked_with) {
      model::set_hardware_value(accelerator_, hardware, value.key, value.value);
    }
    machine_ = model::resolve(accelerator_, hardware);
  }

  // The largest where smaller ones were of no use.
  void draw_hardware(model::Hardware& hardware, bool largest) {
    hardware = largest ? largest_hardware(accelerator_, request_.fixed)
                       : random_hardware(accelerator_, request_.fixed, rng_);
    set_machine(hardware);
  }

  [[noreturn]] void fail(const model::Hardware& hardware) const {
    throw std::invalid_argument("layer " + layer_.name + ": not even its smallest tile runs" +
                                reason(hardware) + "; expected larger hardware");
  }

  std::string reason(const model::Hardware& hardware) const {
    std::vector<std::string> why = model::problems(smallest_, layer_, accelerator_, machine_);
    if (why.empty() && request_.run_problems) {
      why = request_.run_problems(smallest_, layer_, hardware);
    }
    return why.empty() ? "" : " (" + why.front() + ")";
  }

  double target(double wanted) const { return least_ + wanted * std::max(0.0, most_ - least_); }

  void resize(const model::Hardware& hardware, bool grows, model::Mapping& mapping) {
    constexpr int kMostResized = 6;
    if (request_.factors == model::Factors::perfect) return;
    resize_tiles(runs_on(hardware), mapspace_, layer_, kMostResized, grows, rng_, mapping);
  }

  // With its loops in an order, counted among the volumes seen.
  Candidate make_candidate(const model::Mapping& mapping) {
    Candidate candidate;
    candidate.mapping = mapping;
    set_outer_order(candidate.mapping);
    candidate.text = model::to_text(candidate.mapping, accelerator_);
    candidate.is_repeated = seen_.count(candidate.text) > 0;
    candidate.log_volume = log_volume(mapping);
    most_ = std::max(most_, candidate.log_volume);
    return candidate;
  }

  // A mapping as searches find them: the array in full use, a tile to which nothing can be added.
  // Empty where the layer has hardly any that are new.
  std::optional<Candidate> draw_dense(const model::Hardware& hardware) {
    for (int i = 0; i < kCandidates; ++i) {
      model::Mapping mapping = smallest_;
      unroll_fully(mapspace_, machine_, mapping);
      shrink_until(runs_on(hardware), mapspace_, rng_, mapping);
      if (!runs(mapping, hardware)) return std::nullopt;
      grow_to_fit(runs_on(hardware), mapspace_, rng_, mapping);
      resize(hardware, true, mapping);
      Candidate candidate = make_candidate(mapping);
      if (!candidate.is_repeated) return candidate;
    }
    return std::nullopt;
  }

  // The candidate whose tile volume is nearest to the wanted place between the smallest of
  // interest and the largest seen of this layer; new ones first. Very small and very large tiles
  // are rarely drawn, so every other candidate is cut down or grown to the place. Empty where none
  // of them runs.
  std::optional<Candidate> draw_candidates(const model::Hardware& hardware, double wanted) {
    const auto is_below = [&](const model::Mapping& mapping) {
      return log_volume(mapping) <= target(wanted);
    };
    const auto runs_below = [&](const model::Mapping& mapping) {
      return is_below(mapping) && runs(mapping, hardware);
    };
    std::vector<Candidate> candidates;
    for (int i = 0; i < kCandidates; ++i) {
      model::Mapping mapping = random_mapping(mapspace_, layer_, machine_, rng_);
      shrink_until(runs_on(hardware), mapspace_, rng_, mapping);
      if (!runs(mapping, hardware)) continue;
      most_ = std::max(most_, log_volume(mapping));
      if (i % 2 == 1) {
        shrink_until(is_below, mapspace_, rng_, mapping);
        grow_to_fit(runs_below, mapspace_, rng_, mapping);
      }
      resize(hardware, false, mapping);
      if (runs(mapping, hardware)) candidates.push_back(make_candidate(mapping));
    }
    if (candidates.empty()) return std::nullopt;
    return *std::min_element(
        candidates.begin(), candidates.end(), [&](const Candidate& a, const Candidate& b) {
          if (a.is_repeated != b.is_repeated) return b.is_repeated;
          return std::abs(a.log_volume - target(wanted)) < std::abs(b.log_volume - target(wanted));
        });
  }

  // Any order of the outermost loops; the innermost of them, which decides what is reused, in turn.
  void set_outer_order(model::Mapping& mapping) {
    const int outermost = mapspace_.num_levels - 1;
    model::LevelMapping& level = mapping.levels[outermost];
    const std::vector<Dim>& tail = accelerator_.levels[outermost].rules.innermost;
    std::vector<Dim> idle;
    std::vector<Dim> loops;
    for (Dim dim : model::kAllDims) {
      if (std::find(tail.begin(), tail.end(), dim) != tail.end()) continue;
      (level.temporal[dim] > 1 ? loops : idle).push_back(dim);
    }
    if (!loops.empty()) {
      const auto at = static_cast<std::size_t>(pair()) % loops.size();
      std::swap(loops[at], loops.back());
      const Dim innermost = loops.back();
      loops.pop_back();
      model::shuffle(loops, rng_);
      loops.push_back(innermost);
    }
    auto out = std::copy(idle.begin(), idle.end(), level.order.begin());
    out = std::copy(loops.begin(), loops.end(), out);
    std::copy(tail.begin(), tail.end(), out);
  }

  const MappingSampleRequest& request_;
  const model::Monitor& monitor_;
  const model::Accelerator& accelerator_;
  const Mapspace& mapspace_;
  model::Evaluator evaluator_;
  std::size_t index_;
  const model::Layer& layer_;
  model::Mapping smallest_;
  model::Machine machine_;
  std::mt19937_64 rng_;
  std::int64_t turn_ = 0;  // rows drawn
  std::set<std::string> seen_;
  // Of the logarithms of tile volumes: the smallest of interest, the largest seen.
  double least_ = 0.0;
  double most_ = 0.0;
};

}  // namespace

double tile_volume(const model::Mapping& mapping, const model::Layer& layer) {
  double volume = 1.0;
  const model::LevelMapping& outermost = mapping.levels[mapping.num_levels - 1];
  for (Dim dim : model::kAllDims) {
    volume *= static_cast<double>(layer.bounds[dim]) / static_cast<double>(outermost.temporal[dim]);
  }
  return volume;
}

std::vector<SampledMapping> rows_in_turn(std::size_t layers,
                                         std::int64_t count,
                                         int threads,
                                         const std::function<LayerSampling(std::size_t)>& start) {
  const auto total = static_cast<std::size_t>(count);
  std::vector<std::vector<SampledMapping>> of_layer(layers);
  std::vector<std::string> failures(layers);
  model::run_parallel(static_cast<int>(layers), threads, [&](int layer) {
    const auto index = static_cast<std::size_t>(layer);
    const std::size_t rows = total / layers + (index < total % layers ? 1 : 0);
    try {
      const LayerSampling next = start(index);
      while (of_layer[index].size() < rows) of_layer[index].push_back(next());
    } catch (const std::invalid_argument& error) {
      failures[index] = error.what();
    }
  });
  std::string text;
  for (const std::string& failure : failures) {
    if (!failure.empty()) text += (text.empty() ? "" : "\n") + failure;
  }
  if (!text.empty()) throw std::invalid_argument(text);
  std::vector<SampledMapping> rows;
  rows.reserve(total);
  for (std::size_t row = 0; row < total; ++row)
    rows.push_back(std::move(of_layer[row % layers][row / layers]));
  return rows;
}

std::vector<SampledMapping> sample_mappings(const MappingSampleRequest& request,
                                            const model::Monitor& monitor) {
  const Mapspace mapspace = make_mapspace(request.accelerator);
  const auto start = [&](std::size_t layer) -> LayerSampling {
    const auto sampler = std::make_shared<LayerSampler>(request, mapspace, layer, monitor);
    return [sampler] { return sampler->next(); };
  };
  return rows_in_turn(request.layers.size(), request.count, request.threads, start);
}

}  // namespace masala::search
