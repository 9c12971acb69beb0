#include "masala/model/batched_traffic.h"

#include <optional>

#include "model/batched_loops.h"
#include "model/operand_tile.h"

namespace masala::model {
namespace {

constexpr int row(Dim dim) {
  return static_cast<int>(dim);
}

// The rows of a [D,B] tensor by their dimension.
struct Rows {
  const Tensor& table;
  Tensor operator[](Dim dim) const { return table[row(dim)]; }
};

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
        one_(torch::ones({layers.size()}, mapping.temporal.options())),
        loops_(mapping) {
    for (int l = 0; l < num_levels_; ++l) {
      const Tensor factors = mapping.temporal[l] * mapping.spatial[l];
      tile_.push_back(l == 0 ? factors : tile_.back() * factors);
    }
    const auto steps_along = [&](Tensor InputShift<Tensor>::*axis) {
      std::vector<Tensor> steps;
      for (Dim dim : kAllDims) {
        const Tensor step = input_shift(dim, one_, layers).*axis;
        steps.push_back(step.defined() ? step : torch::zeros_like(one_));
      }
      return torch::stack(steps, 0);
    };
    w_steps_ = steps_along(&InputShift<Tensor>::w);
    h_steps_ = steps_along(&InputShift<Tensor>::h);
    const auto any = [](Dim) { return true; };
    result_.instances[num_levels_ - 1] = one_;
    for (int l = num_levels_ - 1; l > 0; --l) {
      result_.instances[l - 1] = result_.instances[l] * spatial_product(l, one_, any);
    }
    result_.compute_cycles = layers.macs / result_.instances[0];
    if (!accelerator.levels[0].spatial.empty()) {
      result_.compute_cycles = result_.compute_cycles / spatial_product(0, one_, any);
    }
  }

  TrafficBatch count() {
    for (Operand operand : kAllOperands) count_operand(operand);
    return std::move(result_);
  }

 private:
  void count_operand(Operand operand) {
    const bool is_output = operand == Operand::outputs;
    int child = -1;  // the MACs
    Tensor filled;   // into one child
    std::optional<int> next = accelerator_.innermost_keeping(operand);
    while (next) {
      const int level = *next;
      const Tensor demanded = demand(operand, child, filled, level);
      (is_output ? result_.updates : result_.reads)[level][operand] = demanded;
      result_.tile_words[level][operand] = operand_words(operand, Rows{tile_[level]}, layers_);
      if (is_output) {
        const Tensor partial_sums = operand_words(operand, Rows{layers_.bounds}, layers_) *
                                    sharing(operand, level + 1, num_levels_ - 1);
        result_.reads[level][operand] = demanded - partial_sums;
      }
      next = accelerator_.parent(level, operand);
      if (!next) break;
      filled = words_filled(operand, {level, level, tile_[level]});
      result_.fills[level][operand] = filled * result_.instances[level];
      child = level;
    }
  }

  // What the children ask of all instances of `level`: of one, F of the child's tile enlarged by
  // the spatial factors between. Without a halo across instances it is proportional to the fills of
  // one child.
  Tensor demand(Operand operand, int child, const Tensor& filled, int level) {
    if (child < 0) return layers_.macs / sharing(operand, 0, level);
    bool spatial_halo = false;
    Tensor enlargement;
    Site site{child, level, tile_[child]};
    for (int m = child + 1; m <= level; ++m) {
      for (const SpatialDim& spatial : accelerator_.levels[m].spatial) {
        if (!is_indexed_by(operand, spatial.dim)) continue;
        spatial_halo = spatial_halo || !leaves_tile(operand, spatial.dim);
        const Tensor factor = mapping_.spatial[m][row(spatial.dim)];
        enlargement = enlargement.defined() ? enlargement * factor : factor;
      }
      site.extents = site.extents * mapping_.spatial[m];
    }
    const Tensor words = spatial_halo            ? words_filled(operand, site)
                         : enlargement.defined() ? filled * enlargement
                                                 : filled;
    return words * result_.instances[level];
  }

  // F of docs/model.md: the tile is fetched anew at every move of every outer loop, less what
  // stays.
  Tensor words_filled(Operand operand, const Site& site) {
    const Tensor words = operand_words(operand, Rows{site.extents}, layers_);
    if (loops_.num_outside(site.level) == 0) return words;
    const Tensor visits = loops_.visits(site.level);
    const Tensor moves = loops_.moves(site.level);
    if (operand == Operand::inputs) {
      return words * visits - (moves * input_words_kept(site, words)).sum(0);
    }
    const Tensor relevant = relevance(operand, site.level);
    const Tensor blocked = loops_.inside(site.level).mm(loops_.presence(site.level) * relevant);
    const Tensor kept = (1.0 - blocked).clamp_min(0.0) * (1.0 - relevant);
    return words * (visits - (moves * kept).sum(0));
  }

  // Words of the input tile that stay in place at a move of each outer loop, [J,B].
  Tensor input_words_kept(const Site& site, const Tensor& words) {
    const Tensor presence = loops_.presence(site.level);
    const Tensor inside = loops_.inside(site.level);
    const Tensor relevant = relevance(Operand::inputs, site.level);
    // Across K the whole tile stays unless a relevant loop inside moved it; along the other loops
    // the halo stays if the loop is the innermost one.
    const Tensor blocked =
        torch::where(relevant > 0.5, inside.mm(presence), inside.mm(presence * relevant));
    const Displacements moved = displacements(site);
    const Tensor overlap = loops_.sorted(overlaps(site, moved, words));
    const Tensor kept = overlap * (1.0 - blocked).clamp_min(0.0);
    return kept + coinciding_overlap(site.level, moved, overlap, presence, relevant, inside);
  }

  // Displacement of the input tile when a loop of level m steps, per level that owns loops:
  // along W (rows P, R) and along H (rows Q, S), [D,B].
  struct Displacements {
    std::vector<Tensor> along_w;
    std::vector<Tensor> along_h;
  };
  Displacements displacements(const Site& site) {
    Displacements moved;
    for (int m : loops_.levels()) {
      if (m <= site.level) break;
      Tensor below = tile_[m - 1] * mapping_.spatial[m];
      for (int k = m + 1; k <= site.through; ++k) below = below * mapping_.spatial[k];
      moved.along_w.push_back(below * w_steps_);
      moved.along_h.push_back(below * h_steps_);
    }
    return moved;
  }

  // Words common to the tile before and after one step of each loop, [D,B] per level.
  std::vector<Tensor> overlaps(const Site& site, const Displacements& moved, const Tensor& words) {
    const Tensor width = input_width(Rows{site.extents}, layers_);
    const Tensor height = input_height(Rows{site.extents}, layers_);
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
  Tensor coinciding_overlap(int level,
                            const Displacements& moved,
                            const Tensor& overlap,
                            const Tensor& presence,
                            const Tensor& relevant,
                            const Tensor& inside) {
    Tensor first;  // 1 at the innermost present loop
    Tensor coincides;
    {
      const torch::NoGradGuard no_grad;
      const Tensor present = (presence > 0.5).to(presence.scalar_type());
      first = present * (inside.mm(present) < 0.5);
      const Tensor leaves =
          loops_.over([](Dim dim) { return leaves_tile(Operand::inputs, dim); }, level);
      const Tensor stays = (leaves + inside.mm(present * leaves)) < 0.5;
      const auto matches = [&](const std::vector<Tensor>& steps) {
        const Tensor step = loops_.sorted(steps);
        return ((step - inside.mm(present * step)) - (first * step).sum(0)).abs() < 0.5;
      };
      const Tensor same = matches(moved.along_w) & matches(moved.along_h);
      // Loops the inputs do not depend on (K) are credited by the caller already.
      coincides = present * (1.0 - first) * relevant * (same & stays);
    }
    return coincides * (first * overlap).sum(0);
  }

  // 1 at those of the loops outside `level` that the operand depends on, [J,B].
  Tensor relevance(Operand operand, int level) const {
    return loops_.over([&](Dim dim) { return is_indexed_by(operand, dim); }, level);
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
    Tensor product = one_;
    for (int m = first; m <= last; ++m) {
      product = spatial_product(m, product, [&](Dim dim) { return !is_indexed_by(operand, dim); });
    }
    return product;
  }

  const MappingBatch& mapping_;
  const LayerBatch& layers_;
  const Accelerator& accelerator_;
  int num_levels_;
  Tensor one_;  // [B]
  BatchedLoops loops_;
  std::vector<Tensor> tile_;  // T(l), [D,B]
  // Words that one position of each dimension moves an input tile along W and along H, [D,B].
  Tensor w_steps_;
  Tensor h_steps_;
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
