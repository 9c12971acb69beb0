#include "targets/gemmini/simulator/sampling.h"

#include <algorithm>
#include <unordered_map>

#include "targets/gemmini/simulator/tile_groups.h"

namespace masala::gemmini {
namespace {

constexpr double kFirstShare = 0.35;  // of the budget, for the beginning of the layer
constexpr std::int64_t kBursts = 6;
constexpr std::int64_t kSettle = 4;  // 1 / share of a burst whose tiles do not count for the means

struct TileClass {
  Cycles sum = 0.0;
  std::int64_t count = 0;

  void add(Cycles cycles) {
    sum += cycles;
    ++count;
  }
  Cycles mean() const { return sum / static_cast<Cycles>(count); }
};

class TileSampler {
 public:
  TileSampler(Engine& engine,
              const DriverProgram& program,
              const SimulationSettings& settings,
              const model::Monitor& monitor)
      : engine_(engine),
        settings_(settings),
        monitor_(monitor),
        walk_(program),
        groups_(program, [&engine](const TilePosition& tile) { return engine.window_class(tile); }),
        total_(program.num_tiles()) {}

  bool done() const { return at_ == total_; }
  std::int64_t left() const { return total_ - at_; }
  SampleSummary summary() const { return {total_, simulated_}; }

  void simulate(bool counts) {
    monitor_.throw_if_stopped();
    const Cycles before = engine_.frontier();
    const std::uint64_t tile_class = this->tile_class();
    run_tile();
    ++simulated_;
    if (counts) {
      const Cycles taken = engine_.frontier() - before;
      classes_[tile_class].add(taken);
    }
    move_to(at_ + 1);
  }

  // Of a class not seen before, one tile is simulated.
  void skip(std::int64_t tiles) {
    const std::int64_t end = at_ + tiles;
    groups_.visit(at_, end, [&](const TileGroup& group) {
      monitor_.throw_if_stopped();
      move_to(group.first);
      std::int64_t count = group.count;
      auto known = classes_.find(tile_class());
      if (known == classes_.end()) {
        const std::uint64_t new_class = tile_class();
        simulate(true);
        known = classes_.find(new_class);
        --count;
      }
      engine_.skip(known->second.mean() * static_cast<Cycles>(count));
    });
    move_to(end);
  }

 private:
  void run_tile() {
    if (!settings_.on_tile) return engine_.run_tile(walk_.position());
    const Cycles load = engine_.busy_load();
    const Cycles execute = engine_.busy_execute();
    const Cycles store = engine_.busy_store();
    engine_.run_tile(walk_.position());
    const auto span = [](Cycles busy, Cycles end) { return model::BusySpan{end - busy, end}; };
    settings_.on_tile({at_,
                       {span(engine_.busy_load() - load, engine_.load_end()),
                        span(engine_.busy_execute() - execute, engine_.execute_end()),
                        span(engine_.busy_store() - store, engine_.store_end())}});
  }
  std::uint64_t tile_class() const {
    return walk_.signature() * 64 + engine_.window_class(walk_.position());
  }
  void move_to(std::int64_t tile) {
    if (tile == at_) return;
    if (tile == at_ + 1) {
      walk_.next();
    } else if (tile < total_) {
      walk_.seek(tile);
    }
    at_ = tile;
  }

  Engine& engine_;
  const SimulationSettings& settings_;
  const model::Monitor& monitor_;
  TileWalk walk_;
  TileGroups groups_;
  std::int64_t total_;
  std::int64_t at_ = 0;
  std::int64_t simulated_ = 0;
  std::unordered_map<std::uint64_t, TileClass> classes_;
};

}  // namespace

SampleSummary run_tiles(Engine& engine,
                        const DriverProgram& program,
                        const SimulationSettings& settings,
                        const model::Monitor& monitor) {
  const std::int64_t work_budget = settings.work_budget;
  TileSampler sampler(engine, program, settings, monitor);
  const auto first_events =
      static_cast<std::int64_t>(kFirstShare * static_cast<double>(work_budget));
  while (!sampler.done() && engine.events() < first_events) sampler.simulate(true);
  if (sampler.done()) return sampler.summary();

  const double per_tile =
      static_cast<double>(engine.events()) / static_cast<double>(sampler.summary().tiles_simulated);
  const double affordable = static_cast<double>(work_budget - engine.events()) / per_tile;
  const auto burst = std::max<std::int64_t>(2, static_cast<std::int64_t>(affordable) / kBursts);
  const std::int64_t period = std::max(burst, sampler.left() / kBursts);
  while (!sampler.done()) {
    const std::int64_t simulated = std::min(burst, sampler.left());
    // A burst ends a period, so that the layer's last tiles are simulated.
    const std::int64_t skipped = std::min(period, sampler.left()) - simulated;
    sampler.skip(skipped);
    for (std::int64_t i = 0; i < simulated; ++i) sampler.simulate(i >= simulated / kSettle);
  }
  return sampler.summary();
}

}  // namespace masala::gemmini
