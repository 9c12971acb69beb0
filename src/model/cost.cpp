#include "model/cost.h"

#include <algorithm>
#include <cmath>

#include "model/ceil_tiling.h"
#include "model/imperfect_traffic.h"

namespace masala::model {
namespace {

// Cycles of one level from the accesses of `instances` equal instances: the operation order makes
// it equal to Timeloop's doubles bit for bit (an integer ceiling is one cycle short on 7 % of
// mappings).
double level_cycles(const Traffic& traffic,
                    int level,
                    std::int64_t instances,
                    double compute_cycles,
                    double bandwidth) {
  double reads_per_cycle = 0.0;
  double writes_per_cycle = 0.0;
  for (Operand operand : kAllOperands) {
    const std::int64_t reads = traffic.reads[level][operand] / instances;
    const std::int64_t writes =
        (traffic.fills[level][operand] + traffic.updates[level][operand]) / instances;
    reads_per_cycle += static_cast<double>(reads) / compute_cycles;
    writes_per_cycle += static_cast<double>(writes) / compute_cycles;
  }
  const double demand = reads_per_cycle + writes_per_cycle;
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

std::int64_t spatial_product(const Mapping& mapping, int num_levels) {
  std::int64_t product = 1;
  for (int level = 0; level < num_levels; ++level) {
    for (std::int64_t factor : mapping.levels[level].spatial.values) product *= factor;
  }
  return product;
}

}  // namespace

LayerCost cost_of(const Traffic& traffic,
                  const Mapping& mapping,
                  const Layer& layer,
                  const Machine& machine) {
  LayerCost cost;
  const bool perfect = is_perfect(mapping, layer);
  const std::int64_t macs = layer.macs();
  cost.compute_cycles = perfect ? macs / spatial_product(mapping, machine.num_levels)
                                : imperfect_compute_cycles(mapping, layer);
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
