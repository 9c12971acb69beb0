#include "search/methods/sequence_annealing.h"

#include <algorithm>

#include "masala/model/parallel.h"
#include "search/moves/repair.h"
#include "search/space/hardware_draw.h"

namespace masala::search {
namespace {

// On every hardware point, one sample costs the sequences that come with it, and one the hardware
// that is no larger than it need be.
constexpr std::int64_t kSamplesPerPoint = 2;

// Steps between hardware points, in the cube of logarithms: from far to near.
constexpr double kFirstDistance = 0.33;
constexpr double kLastDistance = 0.03;

}  // namespace

ChainPlan chain_plan(std::int64_t samples) {
  constexpr std::int64_t kPoints = 200;  // of hardware, where the iterations allow it
  constexpr std::int64_t kFewestIterations = 5;
  constexpr std::int64_t kMostIterations = 50;
  ChainPlan plan;
  plan.samples = samples;
  plan.iterations = std::clamp(samples / kPoints, kFewestIterations, kMostIterations);
  plan.final_iterations = samples / 10;
  return plan;
}

SequenceAnnealer::SequenceAnnealer(const DiscreteSpace& space,
                                   std::uint64_t seed,
                                   int threads,
                                   EvaluationMeter& meter,
                                   const Monitor& monitor)
    : space_(space),
      seed_(seed),
      threads_(threads),
      meter_(meter),
      monitor_(monitor),
      cube_(space) {}

std::optional<SequencedDesign> SequenceAnnealer::random_start() {
  std::mt19937_64 rng = random_stream(seed_, ++points_);
  const auto room = draw_hardware(space_, rng);
  if (!room) return std::nullopt;
  SequencedDesign start{*room, {}, {}};
  for (std::size_t i = 0; i < space_.num_layers(); ++i) {
    LoopSequence sequence = prime_loops(space_.layer(i));
    model::shuffle(sequence, rng);
    start.sequences.push_back(std::move(sequence));
  }
  return start;
}

SequencedDesign SequenceAnnealer::start_from(const DesignState& design) const {
  SequencedDesign start{design.hardware, {}, design};
  for (const CostedMapping& point : design.layers) {
    start.sequences.push_back(sequence_of(point.mapping, space_.mapspace()));
  }
  return start;
}

bool SequenceAnnealer::affords(std::int64_t samples) const {
  return limit_ - meter_.used >= samples * static_cast<std::int64_t>(space_.num_layers());
}

void SequenceAnnealer::keep(const SequencedDesign& state) {
  if (!(state.design.objective < best_.design.objective)) return;
  best_ = state;
  if (on_improvement_) on_improvement_(best_.design);
}

DesignState SequenceAnnealer::run(SequencedDesign start, const ChainPlan& plan) {
  const std::int64_t began = meter_.used;
  limit_ =
      std::min(meter_.limit, began + plan.samples * static_cast<std::int64_t>(space_.num_layers()));
  best_ = start;
  if (!affords(1)) return best_.design;
  const auto share = [&] {
    const double done =
        static_cast<double>(meter_.used - began) / static_cast<double>(limit_ - began);
    return plan.first_share + (1.0 - plan.first_share) * done;
  };
  const auto samples_left = [&] {
    return (limit_ - meter_.used) / static_cast<std::int64_t>(space_.num_layers());
  };
  const AnnealingSchedule outer;
  // Cools with the chain: late points start from good sequences.
  const auto inner = [&] {
    AnnealingSchedule layers;
    layers.iterations = std::min(plan.iterations, samples_left() - kSamplesPerPoint);
    layers.first_temperature = layers.temperature(share());
    return layers;
  };
  const std::int64_t last = plan.final_iterations + kSamplesPerPoint;
  SequencedDesign now = anneal_on(start.room, std::move(start.sequences), inner());
  keep(now);
  while (affords(plan.iterations + kSamplesPerPoint + last) && !monitor_.stop_requested()) {
    std::mt19937_64 rng = random_stream(seed_, ++points_);
    const double distance = kLastDistance + (kFirstDistance - kLastDistance) * (1.0 - share());
    const auto room = cube_.neighbour(now.room, distance, rng);
    if (!room) break;
    SequencedDesign next = anneal_on(*room, now.sequences, inner());
    keep(next);
    MetropolisRule rule(now.design.objective, outer.temperature(share()), rng);
    if (rule.accepts(next.design.objective)) now = std::move(next);
  }
  if (samples_left() > kSamplesPerPoint && !monitor_.stop_requested()) {
    AnnealingSchedule layers;
    layers.iterations = samples_left() - kSamplesPerPoint;
    keep(anneal_on(best_.room, best_.sequences, layers));
  }
  return best_.design;
}

void SequenceAnnealer::for_each_layer(const model::Machine& machine,
                                      const LayerWeights& weights,
                                      const LayerTask& task) {
  std::vector<EvaluationMeter> meters(space_.num_layers());
  ++points_;
  model::run_parallel(static_cast<int>(meters.size()), threads_, [&](int i) {
    const auto layer = static_cast<std::size_t>(i);
    std::mt19937_64 rng = random_stream(seed_, points_, 1 + layer);
    const LayerSpace space(space_, layer, machine);
    task(layer, LayerAnnealer(space, weights, monitor_, meters[layer], rng));
  });
  for (const EvaluationMeter& meter : meters) meter_.used += meter.used;
}

void SequenceAnnealer::improve_layers(DesignState& design, std::int64_t iterations) {
  const std::int64_t cost = static_cast<std::int64_t>(space_.num_layers()) * (2 * iterations + 1);
  if (meter_.limit - meter_.used < cost) return;
  const std::int64_t before = meter_.used;
  AnnealingSchedule schedule;
  schedule.iterations = iterations;
  const LayerWeights weights = layer_weights(space_, design);
  std::vector<CostedMapping> layers = design.layers;
  for_each_layer(design.machine, weights, [&](std::size_t i, const LayerAnnealer& annealer) {
    // Sequences fill the memories; a mapping that leaves room is not one of theirs.
    AnnealedLayer sequenced = annealer.allocated(sequence_of(layers[i].mapping, space_.mapspace()));
    sequenced = annealer.anneal_sequence(std::move(sequenced), schedule);
    if (weights.value(sequenced.point) < weights.value(layers[i])) layers[i] = sequenced.point;
    layers[i] = annealer.anneal_factors(layers[i], schedule);
  });
  if (on_progress_) on_progress_(meter_.used - before);
  design = space_.assemble(design.hardware, std::move(layers));
}

SequencedDesign SequenceAnnealer::anneal_on(const model::Hardware& room,
                                            std::vector<LoopSequence> sequences,
                                            const AnnealingSchedule& schedule) {
  const std::int64_t before = meter_.used;
  const model::Machine machine = model::resolve(space_.problem().accelerator, room);
  std::vector<CostedMapping> points;
  for (std::size_t i = 0; i < space_.num_layers(); ++i) {
    const LayerSpace layer(space_, i, machine);
    points.push_back({LoopAllocator(layer).allocate(sequences[i]), 0.0, 0.0});
  }
  DesignState state = space_.make_state(room, std::move(points), meter_);
  const LayerWeights weights = layer_weights(space_, state);
  points = std::move(state.layers);
  for_each_layer(machine, weights, [&](std::size_t i, const LayerAnnealer& annealer) {
    if (schedule.iterations < 1) return;
    AnnealedLayer annealed = annealer.anneal_sequence({sequences[i], points[i]}, schedule);
    sequences[i] = std::move(annealed.sequence);
    points[i] = std::move(annealed.point);
  });
  SequencedDesign annealed{room, std::move(sequences), space_.assemble(room, std::move(points))};
  if (affords(1)) shrink_hardware(space_, annealed.design, meter_);
  if (on_progress_) on_progress_(meter_.used - before);
  return annealed;
}

}  // namespace masala::search
