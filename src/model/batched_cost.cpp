#include "masala/model/batched_cost.h"

#include <torch/csrc/autograd/custom_function.h>

#include "masala/model/cost.h"

namespace masala::model {
namespace {

struct CeilStraightThrough : torch::autograd::Function<CeilStraightThrough> {
  static Tensor forward(torch::autograd::AutogradContext* /*context*/, const Tensor& x) {
    return x.ceil();
  }
  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* /*context*/,
                                               torch::autograd::tensor_list grad) {
    return {grad[0]};
  }
};

// A scalar 1 like x.
Tensor one_like(const Tensor& x) {
  return torch::ones({}, x.options());
}

// Those of the words that are counted.
std::vector<Tensor> defined(const PerOperand<Tensor>& words) {
  std::vector<Tensor> some;
  for (const Tensor& total : words.values) {
    if (total.defined()) some.push_back(total);
  }
  return some;
}

PerOperand<Tensor> writes_of(const TrafficBatch& traffic, int level) {
  PerOperand<Tensor> writes = traffic.fills[level];
  for (Operand operand : kAllOperands) {
    const Tensor& updates = traffic.updates[level][operand];
    if (!updates.defined()) continue;
    writes[operand] = writes[operand].defined() ? writes[operand] + updates : updates;
  }
  return writes;
}

Tensor level_cycles(const TrafficBatch& traffic, int level, const Tensor& bandwidth) {
  const Tensor& cycles = traffic.compute_cycles;
  const Tensor& instances = traffic.instances[level];
  // One after the other: gradients are summed in the order in which operations were made.
  const Tensor reads = words_per_cycle(defined(traffic.reads[level]), instances, cycles);
  const Tensor writes = words_per_cycle(defined(writes_of(traffic, level)), instances, cycles);
  const Tensor demand = reads + writes;
  const Tensor bound = ceil_straight_through(cycles / (bandwidth / demand));
  return torch::where(bandwidth < demand, bound, cycles);
}

}  // namespace

Tensor ceil_straight_through(const Tensor& x) {
  return CeilStraightThrough::apply(x);
}

CostBatch cost_of(const TrafficBatch& traffic,
                  const LayerBatch& layers,
                  const HardwareBatch& hardware,
                  const Accelerator& accelerator) {
  const Tensor one = one_like(layers.macs);
  CostBatch cost;
  cost.cycles = traffic.compute_cycles;
  cost.energy_pj = layers.macs * accelerator.mac_energy_pj;
  for (int l = 0; l < accelerator.num_levels(); ++l) {
    const Level& level = accelerator.levels[l];
    const Tensor block_words = level.block_words.value(hardware.parameters, one);
    std::vector<Tensor> actions;
    for (const auto* counts : {&traffic.reads, &traffic.fills, &traffic.updates}) {
      for (const Tensor& words : defined((*counts)[l])) actions.push_back(words);
    }
    const Tensor blocks = ceil_straight_through(torch::stack(actions, 0) / block_words).sum(0);
    const Tensor kib = hardware.kib[l] / level.instances.value(hardware.parameters, one);
    cost.energy_pj = cost.energy_pj + blocks * level.block_energy_pj(block_words, kib, one);
    if (!level.bandwidth_words_per_cycle) continue;
    const Tensor bandwidth = level.bandwidth_words_per_cycle->value(hardware.parameters, one);
    cost.level_cycles[l] = level_cycles(traffic, l, bandwidth);
    cost.cycles = torch::maximum(cost.cycles, cost.level_cycles[l]);
  }
  return cost;
}

Tensor words_needed(const TrafficBatch& traffic, const Accelerator& accelerator) {
  std::vector<Tensor> needed;
  const Tensor zero = torch::zeros_like(traffic.compute_cycles);
  for (int l = 0; l < accelerator.num_levels(); ++l) {
    Tensor words = zero;
    if (l + 1 < accelerator.num_levels()) {
      for (const Tensor& tile : defined(traffic.tile_words[l])) words = words + tile;
    }
    needed.push_back(accelerator.levels[l].double_buffered ? words * 2.0 : words);
  }
  return torch::stack(needed, 0);
}

Tensor kib_for(const Tensor& words, const Tensor& parameters, const Accelerator& accelerator) {
  const Tensor one = one_like(words);
  std::vector<Tensor> kib;
  for (int l = 0; l < accelerator.num_levels(); ++l) {
    const Level& level = accelerator.levels[l];
    kib.push_back(level.is_sized() ? level.kib_for(words[l], level.instances.value(parameters, one))
                                   : torch::zeros_like(words[l]));
  }
  return torch::stack(kib, 0);
}

Tensor area_mm2(const HardwareBatch& hardware, const Accelerator& accelerator) {
  const auto value_of = [&](const std::string& key) {
    const auto parameter = accelerator.find_parameter(key);
    // A key that is not a parameter is "<level>_kib"; problems(accelerator) has checked it.
    return parameter ? hardware.parameters[*parameter]
                     : hardware.kib[*accelerator.find_level(key.substr(0, key.size() - 4))];
  };
  const auto power = [](const Tensor& value, double exponent) { return value.pow(exponent); };
  return area_mm2(accelerator.area, value_of, power, torch::ones_like(hardware.kib[0]));
}

}  // namespace masala::model
