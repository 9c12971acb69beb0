#include "search/methods/random_mapper.h"

#include "model/parallel.h"
#include "search/space/hardware_draw.h"

namespace masala::search {
namespace {

std::optional<CostedMapping> best_draw(const DiscreteSpace& space,
                                       std::size_t layer,
                                       const model::Machine& machine,
                                       double area_mm2,
                                       const RandomMapping& plan,
                                       const Monitor& monitor,
                                       EvaluationMeter& meter) {
  const Refiner refiner(space, meter, monitor);
  std::mt19937_64 rng = random_stream(plan.seed, plan.point, 1 + layer);
  std::optional<CostedMapping> best;
  double best_value = 0.0;
  for (std::int64_t n = 0; n < plan.mappings_per_layer; ++n) {
    if (monitor.stop_requested()) return std::nullopt;
    const CostedMapping drawn = space.evaluator().evaluate(
        draw_mapping(space, refiner, layer, machine, rng), space.layer(layer), machine, meter);
    const double value = space.objective(drawn.energy_pj, drawn.cycles, area_mm2);
    if (best && value >= best_value) continue;
    best = drawn;
    best_value = value;
  }
  return best;
}

}  // namespace

model::Mapping draw_mapping(const DiscreteSpace& space,
                            const Refiner& refiner,
                            std::size_t layer,
                            const model::Machine& machine,
                            std::mt19937_64& rng) {
  constexpr int kTries = 200;  // draws that do not fit are not costed
  model::Mapping mapping;
  for (int tries = 0; tries < kTries; ++tries) {
    mapping = random_mapping(space.mapspace(), space.layer(layer), machine, rng);
    if (space.evaluator().fits(mapping, space.layer(layer), machine)) return mapping;
  }
  if (!refiner.fit_layer(mapping, layer, machine)) return space.smallest_tiles()[layer].mapping;
  return mapping;
}

std::optional<DesignState> map_randomly(const DiscreteSpace& space,
                                        const model::Hardware& hardware,
                                        const RandomMapping& plan,
                                        const Monitor& monitor,
                                        EvaluationMeter& meter) {
  const model::Accelerator& accelerator = space.problem().accelerator;
  const model::Machine machine = model::resolve(accelerator, hardware);
  const double area_mm2 = model::area_mm2(accelerator, hardware);
  std::vector<std::optional<CostedMapping>> best(space.num_layers());
  std::vector<EvaluationMeter> meters(space.num_layers());
  model::run_parallel(static_cast<int>(space.num_layers()), plan.threads, [&](int task) {
    const auto i = static_cast<std::size_t>(task);
    best[i] = best_draw(space, i, machine, area_mm2, plan, monitor, meters[i]);
  });
  std::vector<CostedMapping> layers;
  for (std::size_t i = 0; i < best.size(); ++i) {
    meter.used += meters[i].used;
    if (best[i]) layers.push_back(*best[i]);
  }
  if (layers.size() < space.num_layers()) return std::nullopt;
  return space.assemble(hardware, std::move(layers));
}

}  // namespace masala::search
