#include "targets/gemmini/latency/calibration.h"

namespace masala::gemmini {

using namespace number;
namespace {

enum Constant {
  kInputCycle,
  kWeightCycle,
  kLoadCommand,
  kOutputCycle,
  kReloadCycle,
  kLoadL2,
  kLoadLlc,
  kStoreL2,
  kStoreLlc,
  kMemoryL2,
  kMemoryLlc,
  kMemoryEviction,
  kConvolutionTile,
  kMatmulTile,
  kExposed,
  kSharpness,
  kStart,
};

// Cycles of beginning a DRAM loop anew, over those of issuing a tile (docs/simulator.md).
constexpr double kConvolutionTurn = 62.0 / 253.0;
constexpr double kMatmulTurn = 10.0 / 126.0;
constexpr double kCommandBytes = 16.0;  // the DMA holds 16 / dim + 1 load commands

double pick(double is_matmul, double yes, double no) {
  return is_matmul > 0.5 ? yes : no;
}
Tensor pick(const Tensor& is_matmul, const Tensor& yes, const Tensor& no) {
  return torch::where(is_matmul > 0.5, yes, no);
}

}  // namespace

const std::vector<model::FittedConstant>& calibration_constants() {
  // In the order of the enumeration above.
  static const std::vector<model::FittedConstant> kConstants = {
      {"input_cycle", 1.0, 4.0},
      {"weight_cycle", 1.0, 4.0},
      {"load_command", 25.0, 4.0},
      {"output_cycle", 1.0, 4.0},
      {"reload_cycle", 1.0, 4.0},
      {"load_l2_miss", 10.0, 4.0},
      {"load_llc_miss", 10.0, 2.0},
      {"store_l2_miss", 20.0, 2.5},
      {"store_llc_miss", 40.0, 2.5},
      {"memory_l2_miss", 10.0, 4.0},
      {"memory_llc_miss", 5.0, 4.0},
      {"memory_eviction", 22.0, 4.0},
      {"convolution_tile", 253.0, 4.0},
      {"matmul_tile", 126.0, 4.0},
      {"exposed", 0.7, 1.43},
      {"sharpness", 3.0, 4.0},
      {"start", 600.0, 4.0},
  };
  return kConstants;
}

template <class V, class C>
UnitCycles<V> unit_cycles(const Counters<V>& n,
                          const V& dim,
                          const V& is_matmul,
                          const std::vector<C>& c) {
  UnitCycles<V> units;
  units.compute = n.compute_cycles;
  const V in_flight = whole(kCommandBytes / dim) + 1.0;
  // Commands wait for each other unless enough of them are in flight to hide their latency. A line
  // that misses takes its time in place of that of a row that hits.
  const V input_hits = n.input_cycles * c[kInputCycle];
  const V weight_hits = n.weight_cycles * c[kWeightCycle];
  const auto waiting = [&](const V& hits, const V& commands) {
    return larger((hits + commands * c[kLoadCommand]) / in_flight - hits, 0.0);
  };
  const auto l2_time = [&](const V& misses, const V& hits, const V& rows) {
    return misses * larger(c[kLoadL2] - hits / rows, 0.0);
  };
  const V input_waiting = waiting(input_hits, n.input_commands);
  const V weight_waiting = waiting(weight_hits, n.weight_commands);
  const V input_l2 = l2_time(n.input_l2_misses, input_hits, n.input_rows);
  const V weight_l2 = l2_time(n.weight_l2_misses, weight_hits, n.weight_rows);
  units.waiting_load = input_waiting + weight_waiting;
  units.l2_load = input_l2 + weight_l2 + n.sum_l2_misses * c[kLoadL2];
  units.llc_load = (n.input_llc_misses + n.weight_llc_misses + n.sum_llc_misses) * c[kLoadLlc];
  units.weight_load = weight_hits + weight_waiting + weight_l2 + n.weight_llc_misses * c[kLoadLlc];
  units.load = input_hits + weight_hits + n.zero_rows + n.reload_cycles * c[kReloadCycle] +
               units.waiting_load + units.l2_load + units.llc_load;
  units.missing_store = (n.output_l2_misses + n.sum_l2_misses) * c[kStoreL2] +
                        (n.output_llc_misses + n.sum_llc_misses) * c[kStoreLlc];
  units.store = n.output_cycles * c[kOutputCycle] + units.missing_store;
  // Partial sums are fetched to be written, and later to be read.
  const V l2_misses =
      n.input_l2_misses + n.weight_l2_misses + n.output_l2_misses + n.sum_l2_misses * 2.0;
  const V llc_misses =
      n.input_llc_misses + n.weight_llc_misses + n.output_llc_misses + n.sum_llc_misses;
  units.memory =
      l2_misses * c[kMemoryL2] + llc_misses * c[kMemoryLlc] + n.evictions * c[kMemoryEviction];
  const V convolution = (n.tiles + n.turns * kConvolutionTurn) * c[kConvolutionTile];
  const V matmul = (n.tiles + n.turns * kMatmulTurn) * c[kMatmulTile];
  units.issue = pick(is_matmul, matmul, convolution);
  units.tiles = n.tiles;
  units.stores = n.stores;
  return units;
}

template <class V, class C>
V calibrated_cycles(const UnitCycles<V>& units, const std::vector<C>& c) {
  const V slowest = larger(larger(units.compute, units.load), units.store);
  const V largest = larger(larger(slowest, units.issue), units.memory);
  const C& p = c[kSharpness];
  const auto share = [&](const V& cycles) {
    return exp_of((log_of(larger(cycles, 1e-3)) - log_of(largest)) * p);
  };
  const auto norm = [&](const V& sum_of_shares) {
    return largest * exp_of(log_of(sum_of_shares) / p);
  };
  const V steady =
      share(units.compute) + share(units.load) + share(units.issue) + share(units.memory);
  // Two tiles are in flight: while one stores, only the one after it goes on, so that as many tiles
  // as store hide the stores.
  const V stores_per_tile = units.stores / units.tiles;
  const V hidden = exp_of(log_of(stores_per_tile) * p) * steady;
  const V overlapped = norm(steady) + norm(hidden + share(units.store)) - norm(hidden);
  // The first tile's load and the last tile's store overlap with nothing: a pipeline of n equal
  // tiles takes n times its slowest stage and once the others.
  const V others = (units.compute + units.load + units.store - slowest) / units.tiles;
  return overlapped + others * c[kExposed] + c[kStart];
}

template UnitCycles<double> unit_cycles(const Counters<double>&,
                                        const double&,
                                        const double&,
                                        const std::vector<double>&);
template UnitCycles<Tensor> unit_cycles(const Counters<Tensor>&,
                                        const Tensor&,
                                        const Tensor&,
                                        const std::vector<double>&);
template UnitCycles<Tensor> unit_cycles(const Counters<Tensor>&,
                                        const Tensor&,
                                        const Tensor&,
                                        const std::vector<Tensor>&);
template double calibrated_cycles(const UnitCycles<double>&, const std::vector<double>&);
template Tensor calibrated_cycles(const UnitCycles<Tensor>&, const std::vector<double>&);
template Tensor calibrated_cycles(const UnitCycles<Tensor>&, const std::vector<Tensor>&);

namespace {

template <class V>
using CounterField = V Counters<V>::*;

// Every field of the counters, in their order.
template <class V>
const std::vector<CounterField<V>>& counter_fields() {
  using N = Counters<V>;
  static const std::vector<CounterField<V>> kFields = {&N::compute_cycles,
                                                       &N::tiles,
                                                       &N::stores,
                                                       &N::turns,
                                                       &N::input_rows,
                                                       &N::input_cycles,
                                                       &N::input_commands,
                                                       &N::weight_rows,
                                                       &N::weight_cycles,
                                                       &N::weight_commands,
                                                       &N::zero_rows,
                                                       &N::reload_cycles,
                                                       &N::output_cycles,
                                                       &N::input_l2_misses,
                                                       &N::input_llc_misses,
                                                       &N::weight_l2_misses,
                                                       &N::weight_llc_misses,
                                                       &N::output_l2_misses,
                                                       &N::output_llc_misses,
                                                       &N::sum_l2_misses,
                                                       &N::sum_llc_misses,
                                                       &N::evictions,
                                                       &N::visits};
  static_assert(sizeof(Counters<double>) == 23 * sizeof(double), "every counter must be listed");
  return kFields;
}

}  // namespace

CounterTable make_table(const std::vector<CountedRow>& rows) {
  const auto column = [&](const auto& value) {
    std::vector<double> values;
    values.reserve(rows.size());
    for (const CountedRow& row : rows) values.push_back(value(row));
    return torch::tensor(values, model::real_options());
  };
  CounterTable table;
  for (std::size_t i = 0; i < counter_fields<double>().size(); ++i) {
    const CounterField<double> field = counter_fields<double>()[i];
    table.counters.*counter_fields<Tensor>()[i] =
        column([&](const CountedRow& row) { return row.counters.*field; });
  }
  table.dim = column([](const CountedRow& row) { return row.dim; });
  table.is_matmul = column([](const CountedRow& row) { return row.is_matmul ? 1.0 : 0.0; });
  return table;
}

CounterTable select(const CounterTable& table, const Tensor& chosen) {
  CounterTable result;
  for (const CounterField<Tensor> field : counter_fields<Tensor>())
    result.counters.*field = (table.counters.*field).index_select(0, chosen);
  result.dim = table.dim.index_select(0, chosen);
  result.is_matmul = table.is_matmul.index_select(0, chosen);
  return result;
}

}  // namespace masala::gemmini
