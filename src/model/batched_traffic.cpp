#include "model/batched_traffic.h"

#include <algorithm>

namespace masala::model {
namespace {

constexpr int row(Dim dim) {
  return static_cast<int>(dim);
}

// 1 where the operand depends on the dimension, [D].
Tensor relevance(Operand operand) {
  Tensor table = torch::zeros({kNumDims}, real_options());
  for (Dim dim : kAllDims) {
    if (is_indexed_by(operand, dim)) table[row(dim)] = 1.0;
  }
  return table;
}

// U[i][j] = 1 where loop j lies inside loop i (loops are outer to inner), [J,J].
Tensor inside_matrix(std::int64_t num_loops) {
  return torch::ones({num_loops, num_loops}, real_options()).triu(1);
}

// All temporal loops, outer to inner; those outside level l are the first count_outside[l].
struct Loops {
  Tensor dims;      // [J,B] int64
  Tensor bounds;    // [J,B]
  Tensor presence;  // [J,B] a(n) = min(1, n - 1)
  Tensor product;   // [J,B] product of the bounds from the outermost loop to this one
  Tensor moves;     // [J,B] (n_j - 1) x product of the bounds outside j
  PerLevel<std::int64_t> count_outside{};
};

// Levels that own loops, outer to inner.
std::vector<int> outer_to_inner(const MappingBatch& mapping) {
  return {mapping.loop_levels.rbegin(), mapping.loop_levels.rend()};
}

Loops collect_loops(const MappingBatch& mapping, int num_levels) {
  std::vector<Tensor> dims;
  std::vector<Tensor> bounds;
  Loops loops;
  for (int m : outer_to_inner(mapping)) {
    if (m == 0) continue;  // no level lies inside the innermost level's loops
    dims.push_back(mapping.order[m]);
    bounds.push_back(mapping.temporal[m].gather(0, mapping.order[m]));
    for (int l = 0; l < m; ++l) loops.count_outside[l] += kNumDims;
  }
  for (int l = num_levels - 1; l < kMaxLevels; ++l) loops.count_outside[l] = 0;
  loops.dims = torch::cat(dims, 0);
  loops.bounds = torch::cat(bounds, 0);
  loops.presence = (loops.bounds - 1.0).clamp(0.0, 1.0);
  loops.product = loops.bounds.cumprod(0);
  const Tensor one = torch::ones({1, loops.bounds.size(1)}, real_options());
  const Tensor outside =
      torch::cat({one, loops.product.narrow(0, 0, loops.product.size(0) - 1)}, 0);
  loops.moves = loops.product - outside;
  return loops;
}

// One tile at the boundary of a level, possibly enlarged by spatial factors up to `through`.
struct Site {
  int level = 0;
  int through = 0;
  Tensor extents;  // [D,B]
};

class TrafficCounter {
 public:
  TrafficCounter(const MappingBatch& mapping,
                 const LayerBatch& layers,
                 const Accelerator& accelerator)
      : mapping_(mapping),
        layers_(layers),
        accelerator_(accelerator),
        num_levels_(accelerator.num_levels()),
        loops_(collect_loops(mapping, num_levels_)) {
    Tensor extents;
    for (int l = 0; l < num_levels_; ++l) {
      const Tensor factors = mapping.temporal[l] * mapping.spatial[l];
      extents = l == 0 ? factors : extents * factors;
      tile_.push_back(extents);
    }
    const Tensor one = torch::ones({layers.size()}, real_options());
    result_.instances[num_levels_ - 1] = one;
    for (int l = num_levels_ - 1; l > 0; --l) {
      result_.instances[l - 1] =
          result_.instances[l] * spatial_product(l, one, [](Dim) { return true; });
    }
    result_.compute_cycles = layers.macs / result_.instances[0];
    if (!accelerator.levels[0].spatial.empty()) {
      result_.compute_cycles =
          result_.compute_cycles / spatial_product(0, one, [](Dim) { return true; });
    }
  }

  TrafficBatch count() {
    for (Operand operand : kAllOperands) count_operand(operand);
    return std::move(result_);
  }

 private:
  void count_operand(Operand operand) {
    const bool is_output = operand == Operand::outputs;
    auto& demand = is_output ? result_.updates : result_.reads;
    int level = accelerator_.innermost_keeping(operand);
    demand[level][operand] = layers_.macs / sharing(operand, 0, level);
    while (true) {
      result_.tile_words[level][operand] = operand_words(operand, tile_[level]);
      if (is_output) {
        const Tensor partial_sums =
            operand_words(operand, layers_.bounds) * sharing(operand, level + 1, num_levels_ - 1);
        result_.reads[level][operand] = result_.updates[level][operand] - partial_sums;
      }
      const auto parent = accelerator_.parent(level, operand);
      if (!parent) break;
      const Tensor filled = words_filled(operand, {level, level, tile_[level]});
      result_.fills[level][operand] = filled * result_.instances[level];
      const Tensor served = words_served(operand, level, *parent, filled);
      demand[*parent][operand] = served * result_.instances[*parent];
      level = *parent;
    }
  }

  // Words that one parent instance serves: F of the tile enlarged by the spatial factors between.
  // Without a halo across instances it is proportional to the fills of one child.
  Tensor words_served(Operand operand, int level, int parent, const Tensor& filled) {
    bool spatial_halo = false;
    Tensor enlargement;
    Site site{level, parent, tile_[level]};
    for (int m = level + 1; m <= parent; ++m) {
      for (const SpatialDim& spatial : accelerator_.levels[m].spatial) {
        if (!is_indexed_by(operand, spatial.dim)) continue;
        spatial_halo = spatial_halo || spatial.dim == Dim::P || spatial.dim == Dim::Q ||
                       spatial.dim == Dim::R || spatial.dim == Dim::S;
        const Tensor factor = mapping_.spatial[m][row(spatial.dim)];
        enlargement = enlargement.defined() ? enlargement * factor : factor;
      }
      site.extents = site.extents * mapping_.spatial[m];
    }
    if (operand == Operand::inputs && spatial_halo) return words_filled(operand, site);
    return enlargement.defined() ? filled * enlargement : filled;
  }

  // F of docs/model.md: the tile is fetched anew at every move of every outer loop, less what
  // stays.
  Tensor words_filled(Operand operand, const Site& site) {
    const Tensor words = operand_words(operand, site.extents);
    const std::int64_t outside = loops_.count_outside[site.level];
    if (outside == 0) return words;
    const Tensor visits = loops_.product[outside - 1];
    const Tensor moves = loops_.moves.narrow(0, 0, outside);
    if (operand == Operand::inputs) {
      return words * visits - (moves * input_words_kept(site, words)).sum(0);
    }
    const Tensor relevant = sorted_constant(relevance(operand), outside);
    const Tensor presence = loops_.presence.narrow(0, 0, outside);
    const Tensor blocked = inside_matrix(outside).mm(presence * relevant);
    const Tensor kept = (1.0 - blocked).clamp_min(0.0) * (1.0 - relevant);
    return words * (visits - (moves * kept).sum(0));
  }

  // Words of the input tile that stay in place at a move of each outer loop, [J,B].
  Tensor input_words_kept(const Site& site, const Tensor& words) {
    const std::int64_t outside = loops_.count_outside[site.level];
    const Tensor presence = loops_.presence.narrow(0, 0, outside);
    const Tensor inside = inside_matrix(outside);
    const Tensor relevant = sorted_constant(relevance(Operand::inputs), outside);
    // Across K the whole tile stays unless a relevant loop inside moved it; along the other loops
    // the halo stays if the loop is the innermost one.
    const Tensor blocked =
        torch::where(relevant > 0.5, inside.mm(presence), inside.mm(presence * relevant));
    const Displacements moved = displacements(site);
    const Tensor overlap = sort_loops(overlaps(site, moved, words), outside);
    const Tensor kept = overlap * (1.0 - blocked).clamp_min(0.0);
    return kept + coinciding_overlap(moved, overlap, presence, relevant, inside);
  }

  // Displacement of the input tile when a loop of level m steps, per level that owns loops:
  // along W (rows P, R) and along H (rows Q, S), [D,B].
  struct Displacements {
    std::vector<Tensor> along_w;
    std::vector<Tensor> along_h;
  };
  Displacements displacements(const Site& site) {
    Displacements moved;
    const Tensor zero = torch::zeros_like(layers_.macs);
    const Tensor w_step =
        torch::stack({layers_.dilation_w, zero, layers_.stride_w, zero, zero, zero, zero}, 0);
    const Tensor h_step =
        torch::stack({zero, layers_.dilation_h, zero, layers_.stride_h, zero, zero, zero}, 0);
    for (int m : outer_to_inner(mapping_)) {
      if (m <= site.level) continue;
      Tensor below = tile_[m - 1] * mapping_.spatial[m];
      for (int k = m + 1; k <= site.through; ++k) below = below * mapping_.spatial[k];
      moved.along_w.push_back(below * w_step);
      moved.along_h.push_back(below * h_step);
    }
    return moved;
  }

  // Words common to the tile before and after one step of each loop, [D,B] per level.
  std::vector<Tensor> overlaps(const Site& site, const Displacements& moved, const Tensor& words) {
    const Tensor width = input_width(site.extents);
    const Tensor height = input_height(site.extents);
    const Tensor depth = site.extents[row(Dim::C)] * site.extents[row(Dim::N)];
    const Tensor zero = torch::zeros_like(words);
    std::vector<Tensor> result;
    for (std::size_t i = 0; i < moved.along_w.size(); ++i) {
      const Tensor w_overlap = (width - moved.along_w[i]).clamp_min(0.0) * (height * depth);
      const Tensor h_overlap = (height - moved.along_h[i]).clamp_min(0.0) * (width * depth);
      result.push_back(torch::stack({w_overlap[row(Dim::R)],
                                     h_overlap[row(Dim::S)],
                                     w_overlap[row(Dim::P)],
                                     h_overlap[row(Dim::Q)],
                                     zero,
                                     words,
                                     zero},
                                    0));
    }
    return result;
  }

  // The overlap of the innermost loop also stays at moves of outer loops whose net displacement
  // (own step less one step of every loop inside) equals that loop's. [J,B]
  Tensor coinciding_overlap(const Displacements& moved,
                            const Tensor& overlap,
                            const Tensor& presence,
                            const Tensor& relevant,
                            const Tensor& inside) {
    const std::int64_t outside = presence.size(0);
    Tensor first;  // 1 at the innermost present loop
    Tensor coincides;
    {
      const torch::NoGradGuard no_grad;
      const Tensor present = (presence > 0.5).to(torch::kFloat64);
      first = present * (inside.mm(present) < 0.5);
      Tensor leaves_table = torch::zeros({kNumDims}, real_options());
      leaves_table[row(Dim::C)] = 1.0;
      leaves_table[row(Dim::N)] = 1.0;
      const Tensor leaves = sorted_constant(leaves_table, outside);
      const Tensor stays = (leaves + inside.mm(present * leaves)) < 0.5;
      const auto matches = [&](const std::vector<Tensor>& steps, Tensor& first_step) {
        const Tensor step = sort_loops(steps, outside);
        first_step = (first * step).sum(0);
        return ((step - inside.mm(present * step)) - first_step).abs() < 0.5;
      };
      Tensor first_w;
      Tensor first_h;
      const Tensor same = matches(moved.along_w, first_w) & matches(moved.along_h, first_h);
      // Loops the inputs do not depend on (K) are credited by the caller already.
      coincides = present * (1.0 - first) * relevant * (same & stays);
    }
    return coincides * (first * overlap).sum(0);
  }

  // A per-dimension constant [D] looked up for each of the first `outside` loops, [J,B].
  Tensor sorted_constant(const Tensor& table, std::int64_t outside) {
    const Tensor dims = loops_.dims.narrow(0, 0, outside);
    return table.index_select(0, dims.reshape({-1})).view_as(dims);
  }

  // Per-level [D,B] values (outer level first) brought into loop order, [J,B].
  Tensor sort_loops(const std::vector<Tensor>& per_level, std::int64_t outside) {
    std::vector<Tensor> sorted;
    for (std::size_t i = 0; i < per_level.size(); ++i) {
      const Tensor dims = loops_.dims.narrow(0, static_cast<std::int64_t>(i) * kNumDims, kNumDims);
      sorted.push_back(per_level[i].gather(0, dims));
    }
    const Tensor all = torch::cat(sorted, 0);
    check_shape(all, {outside, layers_.size()}, "loops");
    return all;
  }

  Tensor input_width(const Tensor& t) {
    return (t[row(Dim::P)] - 1.0) * layers_.stride_w + (t[row(Dim::R)] - 1.0) * layers_.dilation_w +
           1.0;
  }
  Tensor input_height(const Tensor& t) {
    return (t[row(Dim::Q)] - 1.0) * layers_.stride_h + (t[row(Dim::S)] - 1.0) * layers_.dilation_h +
           1.0;
  }

  Tensor operand_words(Operand operand, const Tensor& t) {
    switch (operand) {
      case Operand::weights:
        return t[row(Dim::R)] * t[row(Dim::S)] * t[row(Dim::C)] * t[row(Dim::K)];
      case Operand::inputs:
        return input_width(t) * input_height(t) * t[row(Dim::C)] * t[row(Dim::N)];
      case Operand::outputs: break;
    }
    return t[row(Dim::P)] * t[row(Dim::Q)] * t[row(Dim::K)] * t[row(Dim::N)];
  }

  // Product of the declared spatial factors of a level whose dimension passes the filter.
  template <class Filter>
  Tensor spatial_product(int level, Tensor product, Filter filter) {
    for (const SpatialDim& spatial : accelerator_.levels[level].spatial) {
      if (filter(spatial.dim)) product = product * mapping_.spatial[level][row(spatial.dim)];
    }
    return product;
  }

  // Spatial factors at levels first..last of dimensions the operand lacks: instances that share it.
  Tensor sharing(Operand operand, int first, int last) {
    Tensor product = torch::ones({layers_.size()}, real_options());
    for (int m = first; m <= last; ++m) {
      product = spatial_product(m, product, [&](Dim dim) { return !is_indexed_by(operand, dim); });
    }
    return product;
  }

  const MappingBatch& mapping_;
  const LayerBatch& layers_;
  const Accelerator& accelerator_;
  int num_levels_;
  Loops loops_;
  std::vector<Tensor> tile_;  // T(l), [D,B]
  TrafficBatch result_;
};

}  // namespace

TrafficBatch count_traffic(const MappingBatch& mapping,
                           const LayerBatch& layers,
                           const Accelerator& accelerator) {
  const std::vector<std::int64_t> shape = {accelerator.num_levels(), kNumDims, layers.size()};
  check_shape(mapping.temporal, shape, "temporal");
  check_shape(mapping.spatial, shape, "spatial");
  check_shape(mapping.order, shape, "order");
  return TrafficCounter(mapping, layers, accelerator).count();
}

}  // namespace masala::model
