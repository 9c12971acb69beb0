#include "model/batched_cost.h"

#include <torch/csrc/autograd/custom_function.h>

namespace masala::model {
namespace {

constexpr double kBitsPerKib = 8.0 * 1024.0;

struct CeilStraightThrough : torch::autograd::Function<CeilStraightThrough> {
  static Tensor forward(torch::autograd::AutogradContext* /*context*/, const Tensor& x) {
    return x.ceil();
  }
  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* /*context*/,
                                               torch::autograd::tensor_list grad) {
    return {grad[0]};
  }
};

// [..] or a scalar tensor when no parameter is involved.
Tensor scaled_value(const Scaled& scaled, const Tensor& parameters) {
  if (scaled.parameter < 0) return torch::full({}, scaled.factor, real_options());
  return parameters[scaled.parameter] * scaled.factor;
}

Tensor block_energy_pj(const Level& level,
                       const Tensor& block_words,
                       const Tensor& kib,
                       const Tensor& parameters) {
  if (!level.energy.linear_sram) return torch::full({}, level.energy.per_access_pj, real_options());
  const Tensor kib_per_instance = kib / scaled_value(level.instances, parameters);
  const Tensor row_bits = block_words * static_cast<double>(level.word_bits);
  return (level.energy.slope_per_kib * (kib_per_instance - 0.5) + 1.0) * row_bits / 16.0;
}

// Sum over operands of words per instance and compute cycle, in the order W I O.
Tensor per_cycle(const PerOperand<Tensor>& words,
                 const Tensor& instances,
                 const Tensor& compute_cycles) {
  Tensor sum;
  for (const Tensor& total : words.values) {
    if (!total.defined()) continue;
    const Tensor rate = total / instances / compute_cycles;
    sum = sum.defined() ? sum + rate : rate;
  }
  return sum;
}

PerOperand<Tensor> writes_of(const TrafficBatch& traffic, int level) {
  PerOperand<Tensor> writes;
  for (Operand operand : kAllOperands) {
    const Tensor& fills = traffic.fills[level][operand];
    const Tensor& updates = traffic.updates[level][operand];
    if (fills.defined() && updates.defined()) {
      writes[operand] = fills + updates;
    } else {
      writes[operand] = fills.defined() ? fills : updates;
    }
  }
  return writes;
}

// The operation order is that of cost.cpp, so that integer points agree to the bit.
Tensor level_cycles(const TrafficBatch& traffic, int level, const Tensor& bandwidth) {
  const Tensor reads =
      per_cycle(traffic.reads[level], traffic.instances[level], traffic.compute_cycles);
  const Tensor writes =
      per_cycle(writes_of(traffic, level), traffic.instances[level], traffic.compute_cycles);
  Tensor demand =
      reads.defined() && writes.defined() ? reads + writes : (reads.defined() ? reads : writes);
  const Tensor bound = ceil_straight_through(traffic.compute_cycles / (bandwidth / demand));
  return torch::where(bandwidth < demand, bound, traffic.compute_cycles);
}

}  // namespace

Tensor ceil_straight_through(const Tensor& x) {
  return CeilStraightThrough::apply(x);
}

CostBatch cost_of(const TrafficBatch& traffic,
                  const LayerBatch& layers,
                  const HardwareBatch& hardware,
                  const Accelerator& accelerator) {
  CostBatch cost;
  cost.cycles = traffic.compute_cycles;
  cost.energy_pj = layers.macs * accelerator.mac_energy_pj;
  for (int l = 0; l < accelerator.num_levels(); ++l) {
    const Level& level = accelerator.levels[l];
    const Tensor block_words = scaled_value(level.block_words, hardware.parameters);
    std::vector<Tensor> actions;
    for (const auto* counts : {&traffic.reads, &traffic.fills, &traffic.updates}) {
      for (const Tensor& words : (*counts)[l].values) {
        if (words.defined()) actions.push_back(words);
      }
    }
    const Tensor blocks = ceil_straight_through(torch::stack(actions, 0) / block_words).sum(0);
    cost.energy_pj =
        cost.energy_pj +
        blocks * block_energy_pj(level, block_words, hardware.kib[l], hardware.parameters);
    if (!level.bandwidth_words_per_cycle) continue;
    const Tensor bandwidth = scaled_value(*level.bandwidth_words_per_cycle, hardware.parameters);
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
      for (const Tensor& tile : traffic.tile_words[l].values) {
        if (tile.defined()) words = words + tile;
      }
    }
    needed.push_back(accelerator.levels[l].double_buffered ? words * 2.0 : words);
  }
  return torch::stack(needed, 0);
}

Tensor kib_for(const Tensor& words, const Tensor& parameters, const Accelerator& accelerator) {
  std::vector<Tensor> kib;
  for (int l = 0; l < accelerator.num_levels(); ++l) {
    const Level& level = accelerator.levels[l];
    const double kib_per_word = level.is_sized() ? level.word_bits / kBitsPerKib : 0.0;
    kib.push_back(words[l] * kib_per_word * scaled_value(level.instances, parameters));
  }
  return torch::stack(kib, 0);
}

Tensor area_mm2(const HardwareBatch& hardware, const Accelerator& accelerator) {
  Tensor area = torch::zeros({hardware.kib.size(1)}, real_options());
  for (const AreaTerm& term : accelerator.area) {
    Tensor product = torch::full({}, term.coefficient_mm2, real_options());
    for (const auto& [key, exponent] : term.exponents) {
      const auto parameter = accelerator.find_parameter(key);
      // A key that is not a parameter is "<level>_kib"; problems(accelerator) has checked it.
      const Tensor value =
          parameter ? hardware.parameters[*parameter]
                    : hardware.kib[*accelerator.find_level(key.substr(0, key.size() - 4))];
      product = product * value.pow(exponent);
    }
    area = area + product;
  }
  return area;
}

}  // namespace masala::model
