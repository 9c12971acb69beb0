// What a mapping of a layer costs on a machine and what it needs of it: the one place where the
// analytical model, a latency model with its caution and the needs of a driver come together.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>

#include "masala/model/accelerator.h"
#include "masala/model/cost.h"
#include "masala/model/latency_estimate.h"
#include "masala/model/layer.h"
#include "masala/model/mapping.h"

// Declared, so that users of the integer form see no tensors.
namespace at {
class Tensor;
}

namespace masala::model {

class LatencyModel;
struct MappingBatch;
struct LayerBatch;
struct HardwareBatch;
struct TrafficBatch;
struct CostBatch;

// Words per instance of every level that running a mapping takes, already doubled where the level
// is double-buffered: what a driver needs, which may be more than the words of the tiles.
using WordsNeeded =
    std::function<PerLevel<std::int64_t>(const Mapping&, const Layer&, const Machine&)>;

// Counts evaluations: one layer's mapping with one choice of loop orders, costed on one machine.
struct EvaluationMeter {
  std::int64_t used = 0;
  std::int64_t limit = std::numeric_limits<std::int64_t>::max();
};

// A mapping and the cost of one execution of one group of its layer.
struct CostedMapping {
  Mapping mapping;
  double cycles = 0.0;  // with the evaluator's caution
  double energy_pj = 0.0;
};

// Immutable: safe to call from several threads. The layers and machines that it is given are of the
// accelerator's description.
class Evaluator {
 public:
  // Cycles are those of the latency model x exp(caution x log_std), caution >= 0. Without
  // `driver_words` a mapping needs the words of its tiles.
  explicit Evaluator(Accelerator accelerator);  // with the roofline
  Evaluator(Accelerator accelerator,
            std::shared_ptr<const LatencyModel> latency,
            double caution = 0.0,
            WordsNeeded driver_words = {});

  bool has_driver() const { return static_cast<bool>(driver_words_); }
  // Whether cost and needs depend on word counts and unrolling alone, and grow with them: neither a
  // trained latency model nor a driver, which may tell apart loop orders that move the same words.
  bool is_analytical() const;

  // Words per instance of every level: those of the tiles, or of the driver where it needs more.
  PerLevel<std::int64_t> words_needed(const Mapping& mapping,
                                      const Layer& layer,
                                      const Machine& machine) const;
  // Whether unrolling and tiles are within the machine's limits, whatever the driver needs.
  bool tiles_fit(const Mapping& mapping, const Layer& layer, const Machine& machine) const;
  // Whether the machine runs the mapping.
  bool fits(const Mapping& mapping, const Layer& layer, const Machine& machine) const;

  // Energy, and cycles with caution. Counts one evaluation.
  CostedMapping evaluate(const Mapping& mapping,
                         const Layer& layer,
                         const Machine& machine,
                         EvaluationMeter& meter) const;
  // Whether a mapping of this energy and these cycles is of use. Of two that are otherwise equal,
  // the one with more cycles must not be of use where the other is not.
  using Acceptance = std::function<bool(double energy_pj, double cycles)>;
  // The same where the cost is accepted, else nullopt. The latency model is asked only where the
  // lower bound on cycles is accepted: it may take many times as long as counting traffic, and most
  // neighbours of a good mapping cannot be better whatever it says. Counts one evaluation either
  // way.
  std::optional<CostedMapping> evaluate_if(const Acceptance& accepts,
                                           const Mapping& mapping,
                                           const Layer& layer,
                                           const Machine& machine,
                                           EvaluationMeter& meter) const;

  // What evaluate() is made of; `roofline` is cost_of(mapping, layer, machine). Nothing is counted.
  LatencyEstimate estimate(const Mapping& mapping,
                           const Layer& layer,
                           const Machine& machine,
                           const LayerCost& roofline) const;
  double cycles(const Mapping& mapping,
                const Layer& layer,
                const Machine& machine,
                const LayerCost& roofline) const;
  // No mapping has fewer cycles whose compute cycles (MACs over used PEs) and roofline are at least
  // these. Exact for the roofline.
  double lower_bound_cycles(const Layer& layer,
                            const Machine& machine,
                            double compute_cycles,
                            double roofline_cycles) const;
  // Cycles with caution of a batch, [B], differentiable; see LatencyModel::estimate().
  at::Tensor cycles(const MappingBatch& mapping,
                    const LayerBatch& layers,
                    const HardwareBatch& hardware,
                    const TrafficBatch& traffic,
                    const CostBatch& roofline) const;

 private:
  Accelerator accelerator_;
  std::shared_ptr<const LatencyModel> latency_;
  double caution_;
  WordsNeeded driver_words_;
};

}  // namespace masala::model
