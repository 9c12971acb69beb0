#include "search/methods/random_mapper.h"

#include "masala/model/parallel.h"
#include "search/moves/repair.h"

namespace masala::search {

std::optional<DesignState> map_randomly(const DiscreteSpace& space,
                                        const model::Hardware& hardware,
                                        const RandomMapping& plan,
                                        const Monitor& monitor,
                                        EvaluationMeter& meter) {
  const model::Accelerator& accelerator = space.problem().accelerator;
  const model::Machine machine = model::resolve(accelerator, hardware);
  const double area_mm2 = model::area_mm2(accelerator, hardware);
  std::vector<CostedMapping> best(space.num_layers());
  std::vector<EvaluationMeter> meters(space.num_layers());
  model::run_parallel(static_cast<int>(space.num_layers()), plan.threads, [&](int task) {
    const auto i = static_cast<std::size_t>(task);
    const LayerSpace layer(space, i, machine);
    std::mt19937_64 rng = random_stream(plan.seed, plan.point, 1 + i);
    double best_value = std::numeric_limits<double>::infinity();
    for (std::int64_t n = 0; n < plan.mappings_per_layer; ++n) {
      if (monitor.stop_requested()) return;
      const CostedMapping drawn = layer.evaluate(random_valid_mapping(layer, rng), meters[i]);
      const double value = space.objective(drawn.energy_pj, drawn.cycles, area_mm2);
      if (n > 0 && value >= best_value) continue;
      best[i] = drawn;
      best_value = value;
    }
  });
  std::int64_t drawn = 0;
  for (const EvaluationMeter& layer : meters) drawn += layer.used;
  meter.used += drawn;
  const auto layers = static_cast<std::int64_t>(space.num_layers());
  if (drawn < layers * plan.mappings_per_layer) return std::nullopt;
  return space.assemble(hardware, std::move(best));
}

}  // namespace masala::search
