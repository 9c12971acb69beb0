#include "masala/model/cost.h"

#include <algorithm>
#include <cmath>

#include "model/imperfect_nest.h"
#include "model/operand_tile.h"

namespace masala::model {
namespace {

// Cycles of one level from the accesses of `instances` equal instances. Rounded as by Timeloop: an
// integer ceiling is one cycle short on 7 % of mappings.
double level_cycles(const Traffic& traffic,
                    int level,
                    std::int64_t instances,
                    double compute_cycles,
                    double bandwidth) {
  std::array<double, kNumOperands> reads;
  std::array<double, kNumOperands> writes;
  for (Operand operand : kAllOperands) {
    reads[index(operand)] = static_cast<double>(traffic.reads[level][operand]);
    writes[index(operand)] =
        static_cast<double>(traffic.fills[level][operand] + traffic.updates[level][operand]);
  }
  const auto of = static_cast<double>(instances);
  const double demand =
      words_per_cycle(reads, of, compute_cycles) + words_per_cycle(writes, of, compute_cycles);
  if (bandwidth >= demand) return compute_cycles;
  return std::ceil(compute_cycles / (bandwidth / demand));
}

// Whole blocks are charged per operand and kind of action, on the total of the run.
double level_energy_pj(const Traffic& traffic, int level, double block_words, double block_pj) {
  double blocks = 0.0;
  for (Operand operand : kAllOperands) {
    for (const auto* words : {&traffic.reads, &traffic.fills, &traffic.updates}) {
      blocks += std::ceil(static_cast<double>((*words)[level][operand]) / block_words);
    }
  }
  return blocks * block_pj;
}

// Steps of the temporal loops at which some PE has work.
std::int64_t compute_cycles(const Mapping& mapping, const Layer& layer, bool perfect) {
  constexpr int kPe = -1;
  if (perfect) return layer.macs() / used_instances(mapping, kPe);
  // Those of the first PE, which is never idle.
  return ImperfectFactors(mapping, layer, Instances::first)
      .combinations(Operand::weights, kPe, true);
}

// The extent of the largest tile of a level, which is the first one of its first instance.
// `temporal` and `spatial` are the products of the tile's factors, `dealt_out` that of the spatial
// factors of all levels: see factor_slots().
std::int64_t clipped_extent(Dim dim,
                            std::int64_t temporal,
                            std::int64_t spatial,
                            std::int64_t dealt_out,
                            std::int64_t bound) {
  const std::int64_t whole = temporal * spatial;
  if (slides(dim) || dealt_out == spatial) return std::min(whole, bound);
  if (whole == 1) return 1;
  // Rounds of positions dealt out to all instances, and one that ends early.
  return std::min(whole, bound / dealt_out * spatial + std::min(bound % dealt_out, spatial));
}

}  // namespace

LayerCost cost_of(const Traffic& traffic,
                  const Mapping& mapping,
                  const Layer& layer,
                  const Machine& machine) {
  LayerCost cost;
  const bool perfect = is_perfect(mapping, layer);
  const std::int64_t macs = layer.macs();
  cost.compute_cycles = compute_cycles(mapping, layer, perfect);
  cost.cycles = static_cast<double>(cost.compute_cycles);
  cost.mac_energy_pj = static_cast<double>(macs) * machine.mac_energy_pj;
  cost.energy_pj = cost.mac_energy_pj;
  for (int level = 0; level < machine.num_levels; ++level) {
    cost.level_energy_pj[level] =
        level_energy_pj(traffic, level, machine.block_words[level], machine.block_energy_pj[level]);
    cost.energy_pj += cost.level_energy_pj[level];
    const double bandwidth = machine.bandwidth_words_per_cycle[level];
    if (bandwidth == 0.0) continue;
    const auto compute_cycles = static_cast<double>(cost.compute_cycles);
    const std::int64_t instances = used_instances(mapping, level);
    // Imperfect factors leave some instances less to do. The first has the most.
    cost.level_cycles[level] =
        perfect || instances == 1
            ? level_cycles(traffic, level, instances, compute_cycles, bandwidth)
            : level_cycles(count_first_instance(mapping, layer, machine, level),
                           level,
                           1,
                           compute_cycles,
                           bandwidth);
    if (cost.level_cycles[level] > cost.cycles) {
      cost.cycles = cost.level_cycles[level];
      cost.bottleneck = level;
    }
  }
  return cost;
}

LayerCost cost_of(const Mapping& mapping, const Layer& layer, const Machine& machine) {
  return cost_of(count_traffic(mapping, layer, machine), mapping, layer, machine);
}

DesignCost cost_of(const std::vector<Mapping>& mappings,
                   const Workload& workload,
                   const Machine& machine) {
  DesignCost total;
  double energy_pj = 0.0;
  for (std::size_t i = 0; i < mappings.size(); ++i) {
    const Layer& layer = workload.layers[i];
    total.layers.push_back(cost_of(mappings[i], layer, machine));
    const auto executions = static_cast<double>(layer.executions());
    total.cycles += executions * total.layers.back().cycles;
    energy_pj += executions * total.layers.back().energy_pj;
  }
  constexpr double kPicojoulesPerMicrojoule = 1e6;
  total.energy_uj = energy_pj / kPicojoulesPerMicrojoule;
  return total;
}

PerLevel<std::int64_t> words_needed(const Mapping& mapping,
                                    const Layer& layer,
                                    const Accelerator& accelerator) {
  PerLevel<std::int64_t> words{};
  const bool perfect = is_perfect(mapping, layer);
  PerDim<std::int64_t> dealt_out = filled<std::int64_t>(1);
  for (int level = 0; !perfect && level < accelerator.num_levels(); ++level) {
    for (Dim dim : kAllDims) dealt_out[dim] *= mapping.levels[level].spatial[dim];
  }
  PerDim<std::int64_t> temporal = filled<std::int64_t>(1);
  PerDim<std::int64_t> spatial = filled<std::int64_t>(1);
  for (int level = 0; level < accelerator.num_levels(); ++level) {
    const Level& description = accelerator.levels[level];
    PerDim<std::int64_t> extents;
    for (Dim dim : kAllDims) {
      temporal[dim] *= mapping.levels[level].temporal[dim];
      spatial[dim] *= mapping.levels[level].spatial[dim];
      extents[dim] =
          perfect
              ? temporal[dim] * spatial[dim]
              : clipped_extent(dim, temporal[dim], spatial[dim], dealt_out[dim], layer.bounds[dim]);
    }
    for (Operand operand : kAllOperands) {
      if (description.keeps[operand]) words[level] += operand_words(operand, extents, layer);
    }
    if (description.double_buffered) words[level] *= 2;
  }
  return words;
}

HardwareNeed hardware_need(const Mapping& mapping,
                           const Layer& layer,
                           const Accelerator& accelerator) {
  HardwareNeed need;
  need.words = words_needed(mapping, layer, accelerator);
  for (int level = 0; level < accelerator.num_levels(); ++level) {
    need.spatial[level] = mapping.levels[level].spatial;
  }
  return need;
}

HardwareNeed max_of(const HardwareNeed& a, const HardwareNeed& b) {
  HardwareNeed result;
  for (int level = 0; level < kMaxLevels; ++level) {
    result.words[level] = std::max(a.words[level], b.words[level]);
    for (Dim dim : kAllDims) {
      result.spatial[level][dim] = std::max(a.spatial[level][dim], b.spatial[level][dim]);
    }
  }
  return result;
}

}  // namespace masala::model
