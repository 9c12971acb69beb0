// Simulated annealing of a whole design: hardware in the outer loop, the loop sequences of all
// layers in the inner one.
#pragma once

#include <functional>
#include <random>
#include <vector>

#include "search/methods/layer_annealing.h"
#include "search/space/hardware_cube.h"

namespace masala::search {

// A design with the sequences that its mappings come from, and the hardware that they were
// allocated on: the design's own is the smallest that the mappings need.
struct SequencedDesign {
  model::Hardware room;
  std::vector<LoopSequence> sequences;  // one per layer
  DesignState design;
};

// How a chain spends its samples (evaluations per layer).
struct ChainPlan {
  std::int64_t samples = 10000;
  std::int64_t iterations = 50;          // per layer on every hardware point
  std::int64_t final_iterations = 1000;  // per layer on the best hardware, at the end
  double first_share = 0.0;  // of the cooling that is behind: more for a start that is good
};

// Under a small budget there are fewer iterations on a point before there are fewer points.
ChainPlan chain_plan(std::int64_t samples);

class SequenceAnnealer {
 public:
  using Callback = std::function<void(const DesignState& best)>;
  using Progress = std::function<void(std::int64_t evaluations)>;

  // Layers are annealed on at most `threads` threads; the result depends on the seed alone.
  SequenceAnnealer(const DiscreteSpace& space,
                   std::uint64_t seed,
                   int threads,
                   EvaluationMeter& meter,
                   const Monitor& monitor);

  // Called on every improvement of the best design.
  void on_improvement(Callback callback) { on_improvement_ = std::move(callback); }
  // Called after every hardware point, with what it cost.
  void on_progress(Progress callback) { on_progress_ = std::move(callback); }

  // Hardware and sequences to start from; nullopt where no hardware is allowed.
  std::optional<SequencedDesign> random_start();
  // Those of a design. Nothing is costed.
  SequencedDesign start_from(const DesignState& design) const;

  // Anneals every layer on the design's own hardware, first its sequence, then its factors, each
  // for so many iterations, and keeps what lowers the objective to first order: it never rises, as
  // ln(objective) is concave in energy and cycles. Does nothing where the meter has less left.
  void improve_layers(DesignState& design, std::int64_t iterations);

  // Ends within the plan's samples, or when asked to. The best design comes back; without layers
  // where not even one sample was allowed.
  DesignState run(SequencedDesign start, const ChainPlan& plan);

 private:
  // Runs an annealing of every layer, in parallel, each with a meter and random numbers of its own.
  using LayerTask = std::function<void(std::size_t layer, const LayerAnnealer& annealer)>;
  void for_each_layer(const model::Machine& machine,
                      const LayerWeights& weights,
                      const LayerTask& task);
  // Allocates the sequences in the room, anneals every layer, and shrinks the hardware to what the
  // mappings use. Costs kSamplesPerPoint samples and the iterations.
  SequencedDesign anneal_on(const model::Hardware& room,
                            std::vector<LoopSequence> sequences,
                            const AnnealingSchedule& schedule);
  bool affords(std::int64_t samples) const;
  void keep(const SequencedDesign& state);

  const DiscreteSpace& space_;
  std::uint64_t seed_;
  int threads_;
  EvaluationMeter& meter_;
  const Monitor& monitor_;
  Callback on_improvement_;
  Progress on_progress_;
  HardwareCube cube_;
  std::int64_t limit_ = 0;  // of the meter, in this run
  std::uint64_t points_ = 0;
  SequencedDesign best_;
};

}  // namespace masala::search
