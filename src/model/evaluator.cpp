#include "masala/model/evaluator.h"

#include <algorithm>
#include <cmath>

#include "masala/model/batched_cost.h"
#include "masala/model/latency_model.h"
#include "masala/model/roofline.h"

namespace masala::model {
namespace {

bool within_capacities(const PerLevel<std::int64_t>& words, const Machine& machine) {
  for (int l = 0; l + 1 < machine.num_levels; ++l) {
    if (words[l] > machine.capacity_words[l]) return false;
  }
  return true;
}

}  // namespace

Evaluator::Evaluator(Accelerator accelerator) : Evaluator(std::move(accelerator), roofline()) {}

Evaluator::Evaluator(Accelerator accelerator,
                     std::shared_ptr<const LatencyModel> latency,
                     double caution,
                     WordsNeeded driver_words)
    : accelerator_(std::move(accelerator)),
      latency_(std::move(latency)),
      caution_(caution),
      driver_words_(std::move(driver_words)) {}

bool Evaluator::is_analytical() const {
  return is_roofline(*latency_) && !has_driver();
}

PerLevel<std::int64_t> Evaluator::words_needed(const Mapping& mapping,
                                               const Layer& layer,
                                               const Machine& machine) const {
  PerLevel<std::int64_t> words = model::words_needed(mapping, layer, accelerator_);
  if (!has_driver()) return words;
  const PerLevel<std::int64_t> driver = driver_words_(mapping, layer, machine);
  for (std::size_t l = 0; l < words.size(); ++l) words[l] = std::max(words[l], driver[l]);
  return words;
}

bool Evaluator::tiles_fit(const Mapping& mapping,
                          const Layer& layer,
                          const Machine& machine) const {
  for (int l = 0; l < machine.num_levels; ++l) {
    for (const SpatialDim& spatial : accelerator_.levels[l].spatial) {
      if (mapping.levels[l].spatial[spatial.dim] > machine.spatial_limit[l][spatial.dim])
        return false;
    }
  }
  return within_capacities(model::words_needed(mapping, layer, accelerator_), machine);
}

bool Evaluator::fits(const Mapping& mapping, const Layer& layer, const Machine& machine) const {
  if (!tiles_fit(mapping, layer, machine)) return false;
  return !has_driver() || within_capacities(driver_words_(mapping, layer, machine), machine);
}

CostedMapping Evaluator::evaluate(const Mapping& mapping,
                                  const Layer& layer,
                                  const Machine& machine,
                                  EvaluationMeter& meter) const {
  ++meter.used;
  const LayerCost roofline = cost_of(mapping, layer, machine);
  return {mapping, cycles(mapping, layer, machine, roofline), roofline.energy_pj};
}

std::optional<CostedMapping> Evaluator::evaluate_if(const Acceptance& accepts,
                                                    const Mapping& mapping,
                                                    const Layer& layer,
                                                    const Machine& machine,
                                                    EvaluationMeter& meter) const {
  ++meter.used;
  const LayerCost roofline = cost_of(mapping, layer, machine);
  const double bound = lower_bound_cycles(
      layer, machine, static_cast<double>(roofline.compute_cycles), roofline.cycles);
  if (!accepts(roofline.energy_pj, bound)) return std::nullopt;
  const double found = cycles(mapping, layer, machine, roofline);
  if (found != bound && !accepts(roofline.energy_pj, found)) return std::nullopt;
  return CostedMapping{mapping, found, roofline.energy_pj};
}

LatencyEstimate Evaluator::estimate(const Mapping& mapping,
                                    const Layer& layer,
                                    const Machine& machine,
                                    const LayerCost& roofline) const {
  return latency_->estimate(mapping, layer, machine, roofline);
}

double Evaluator::cycles(const Mapping& mapping,
                         const Layer& layer,
                         const Machine& machine,
                         const LayerCost& roofline) const {
  const LatencyEstimate found = estimate(mapping, layer, machine, roofline);
  return found.cycles * std::exp(caution_ * found.log_std);
}

double Evaluator::lower_bound_cycles(const Layer& layer,
                                     const Machine& machine,
                                     double compute_cycles,
                                     double roofline_cycles) const {
  return latency_->lower_bound_cycles(layer, machine, compute_cycles, roofline_cycles);
}

Tensor Evaluator::cycles(const MappingBatch& mapping,
                         const LayerBatch& layers,
                         const HardwareBatch& hardware,
                         const TrafficBatch& traffic,
                         const CostBatch& roofline) const {
  const LatencyBatch found = latency_->estimate(mapping, layers, hardware, traffic, roofline);
  return caution_ > 0.0 ? found.cycles * (caution_ * found.log_std).exp() : found.cycles;
}

}  // namespace masala::model
