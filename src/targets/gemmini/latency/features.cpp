#include "targets/gemmini/latency/features.h"

#include "targets/gemmini/machine.h"

namespace masala::gemmini {

using namespace number;

using model::Dim;

namespace {

constexpr double kLeastShare = 0.018;  // e^-4: a unit this idle might as well be idle

template <class V>
V clamped(const V& x, double low, double high) {
  return smaller(larger(x, low), high);
}

// ln(part / whole), at least -4.
template <class V>
V log_share(const V& part, const V& whole) {
  return log_of(larger(part / whole, kLeastShare));
}

template <class V>
V log_at_most(const V& x, double most) {
  return log_of(smaller(larger(x, 1.0), most));
}

// How well the last of the array's blocks along an axis is used, 0 to 1.
template <class V>
V array_fill(const V& tile, const V& limit, const V& dim) {
  const V used = smaller(tile, limit);
  return used / (blocks(used, dim) * dim);
}

// Bytes that the layer keeps in memory.
template <class V>
V footprint_bytes(const TileNest<V>& nest, const V& is_matmul) {
  const auto& n = nest.limit;
  const V pixels = n[Dim::N] * n[Dim::P] * n[Dim::Q];
  const V strides = is_matmul + (1.0 - is_matmul) * nest.stride_w * nest.stride_h;
  return n[Dim::R] * n[Dim::S] * n[Dim::C] * n[Dim::K] + pixels * n[Dim::K] +
         pixels * strides * n[Dim::C];
}

double is_less(double a, double b) {
  return a < b ? 1.0 : 0.0;
}
Tensor is_less(const Tensor& a, const Tensor& b) {
  return (a < b).to(torch::kFloat64);
}

// Rows of the scratchpad that a tile takes. Inputs that outgrow the weights reach into their bank.
template <class V>
struct ScratchpadRows {
  V inputs;
  V weights;
};
template <class V>
ScratchpadRows<V> scratchpad_rows(const TileNest<V>& nest, const V& is_matmul) {
  const auto& t = nest.tile;
  const auto extent = [&](const V& outputs, const V& taps, const V& stride, const V& dilation) {
    const V window = outputs * stride + (taps - 1.0) * dilation;
    return is_matmul * outputs + (1.0 - is_matmul) * window;
  };
  const V columns = extent(t[Dim::P], t[Dim::R], nest.stride_w, nest.dilation_w);
  const V rows = extent(t[Dim::Q], t[Dim::S], nest.stride_h, nest.dilation_h);
  return {blocks(t[Dim::C], nest.dim) * t[Dim::N] * columns * rows,
          blocks(t[Dim::K], nest.dim) * t[Dim::R] * t[Dim::S] * t[Dim::C]};
}

// 1 where the loop over `inner` turns inside that over `outer`, both running; 0 otherwise.
template <class V>
V turns_inside(const TileNest<V>& nest, Dim inner, Dim outer) {
  const auto runs = [&](Dim d) { return smaller(nest.trips[d] - 1.0, 1.0); };
  return is_less(nest.order.position[inner], nest.order.position[outer]) * runs(inner) *
         runs(outer);
}

}  // namespace

std::vector<std::string> gemmini_feature_names() {
  return {"is_matmul",
          "is_padded",
          "log_stride",
          "log_dim",
          "log_tile_c",
          "log_tile_k",
          "log_tile_columns",
          "log_tile_rows",
          "fill_c",
          "fill_k",
          "fill_columns",
          "log_tiles",
          "log_reduction_tiles",
          "log_visits",
          "log_taps_per_tile",
          "log_compute_per_tile",
          "log_footprint_over_l2",
          "log_footprint_over_llc",
          "aligned_c",
          "aligned_k",
          "c_inside_k",
          "k_inside_c",
          "p_inside_k",
          "log_inputs_over_weights",
          "compute_share",
          "load_share",
          "store_share",
          "issue_share",
          "memory_share",
          "weight_share_of_load",
          "waiting_share_of_load",
          "l2_share_of_load",
          "llc_share_of_load",
          "missing_share_of_store",
          "others_per_tile_share"};
}

template <class V>
std::vector<V> tile_features(const TileNest<V>& nest, const Counters<V>& n, const V& is_matmul) {
  const auto& tile = nest.tile;
  const auto& trips = nest.trips;
  const auto aligned = [&](Dim d) {
    const V lines = nest.limit[d] / kLineBytes;
    return smaller(larger(1.0 - (lines - whole(lines)) * kLineBytes, 0.0), 1.0);
  };
  const V footprint = footprint_bytes(nest, is_matmul);
  const V rows = tile[Dim::Q] * tile[Dim::N];
  const ScratchpadRows<V> scratchpad = scratchpad_rows(nest, is_matmul);
  return {is_matmul,
          nest.padded,
          (1.0 - is_matmul) * log_of(larger(nest.stride_w, 1.0)),
          log_of(nest.dim),
          log_at_most(tile[Dim::C], kLineBytes),
          log_at_most(tile[Dim::K], kLineBytes),
          log_at_most(tile[Dim::P], kLineBytes),
          log_at_most(rows, kLineBytes),
          array_fill(tile[Dim::C], nest.limit[Dim::C], nest.dim),
          array_fill(tile[Dim::K], nest.limit[Dim::K], nest.dim),
          array_fill(tile[Dim::P], nest.limit[Dim::P], nest.dim),
          log_at_most(n.tiles, 4096.0),
          log_at_most(trips[Dim::C] * trips[Dim::R] * trips[Dim::S], 256.0),
          log_at_most(n.visits, 64.0),
          log_at_most(tile[Dim::R] * tile[Dim::S], 64.0),
          log_at_most(n.compute_cycles / n.tiles, 1e5),
          clamped(log_of(footprint / kL2Bytes), -3.0, 3.0),
          clamped(log_of(footprint / kLlcBytes), -3.0, 3.0),
          aligned(Dim::C),
          aligned(Dim::K),
          turns_inside(nest, Dim::C, Dim::K),
          turns_inside(nest, Dim::K, Dim::C),
          turns_inside(nest, Dim::P, Dim::K),
          clamped(log_of(scratchpad.inputs / scratchpad.weights), -1.0, 1.0)};
}

template <class V>
std::vector<V> unit_features(const UnitCycles<V>& units) {
  const V slowest = larger(larger(units.compute, units.load), units.store);
  const V largest = larger(larger(slowest, units.issue), units.memory);
  const V others = units.compute + units.load + units.store - slowest;
  return {log_share(units.compute, largest),
          log_share(units.load, largest),
          log_share(units.store, largest),
          log_share(units.issue, largest),
          log_share(units.memory, largest),
          log_share(units.weight_load, units.load),
          log_share(units.waiting_load, units.load),
          log_share(units.l2_load, units.load),
          log_share(units.llc_load, units.load),
          log_share(units.missing_store, larger(units.store, 1e-6)),
          log_share(others / units.tiles, largest)};
}

template std::vector<double> tile_features(const TileNest<double>&,
                                           const Counters<double>&,
                                           const double&);
template std::vector<Tensor> tile_features(const TileNest<Tensor>&,
                                           const Counters<Tensor>&,
                                           const Tensor&);
template std::vector<double> unit_features(const UnitCycles<double>&);
template std::vector<Tensor> unit_features(const UnitCycles<Tensor>&);

}  // namespace masala::gemmini
