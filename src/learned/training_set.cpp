#include "learned/training_set.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "learned/metrics.h"
#include "model/cost.h"
#include "simulator/layer_run.h"

namespace masala::learned {

using model::Dim;
using simulator::ProgramKind;

namespace {

constexpr const char* kArrayKey = "pe_dim";
constexpr std::size_t kMostLinesShown = 5;
constexpr std::size_t kOneIn = 100;  // of the rows may be faster than their array can compute

std::int64_t mesh_of(const MeasuredRow& row, const model::Accelerator& accelerator) {
  return static_cast<std::int64_t>(
      model::hardware_value(accelerator, row.hardware, kArrayKey).value_or(1.0));
}

std::string mapping_key(const MeasuredRow& row,
                        const model::Accelerator& accelerator,
                        std::int64_t dim) {
  return layer_key(row.layer) + "|" + model::to_text(row.mapping, accelerator) + "|" +
         std::to_string(dim);
}

simulator::DriverProgram program_of(const MeasuredRow& row,
                                    const model::Accelerator& accelerator,
                                    ProgramKind program) {
  return simulator::make_program(simulator::tiling_of(row.mapping, row.layer, program),
                                 row.layer,
                                 array_dim(row, accelerator, program),
                                 program);
}

// Cycles of the multiplications that the program really makes, with the whole array at work.
double least_cycles(const MeasuredRow& row,
                    const model::Accelerator& accelerator,
                    ProgramKind program) {
  if (!has_gemmini_driver(accelerator)) {
    const model::Machine machine = machine_of(row, accelerator, program);
    return static_cast<double>(model::cost_of(row.mapping, row.layer, machine).compute_cycles);
  }
  const simulator::DriverProgram run = program_of(row, accelerator, program);
  const auto dim = static_cast<double>(run.dim);
  return run.macs() / (dim * dim);
}

// Rows that say nothing of the hardware, by rule.
std::string artefact(const MeasuredRow& row,
                     const model::Accelerator& accelerator,
                     ProgramKind program) {
  if (!has_gemmini_driver(accelerator) || program != ProgramKind::measured) return "";
  if (!simulator::wraps(program_of(row, accelerator, program))) return "";
  return "a tile lies wholly in the padding, where the measured driver's 16-bit counter wraps";
}

}  // namespace

bool has_gemmini_driver(const model::Accelerator& accelerator) {
  return simulator::driver_problems(accelerator, ProgramKind::clean).empty();
}

std::int64_t array_dim(const MeasuredRow& row,
                       const model::Accelerator& accelerator,
                       ProgramKind program) {
  const std::int64_t mesh = mesh_of(row, accelerator);
  return program == ProgramKind::measured ? simulator::measured_array_dim(row.mapping, mesh) : mesh;
}

model::Machine machine_of(const MeasuredRow& row,
                          const model::Accelerator& accelerator,
                          ProgramKind program) {
  model::Hardware hardware = row.hardware;
  if (has_gemmini_driver(accelerator)) {
    model::set_hardware_value(
        accelerator,
        hardware,
        kArrayKey,
        static_cast<double>(array_dim(row, accelerator, program)));
  }
  return model::resolve(accelerator, hardware);
}

std::vector<std::string> row_problems(const MeasuredRow& row,
                                      const model::Accelerator& accelerator,
                                      ProgramKind program) {
  if (!has_gemmini_driver(accelerator)) return {};
  std::vector<std::string> problems = simulator::driver_problems(accelerator, program);
  if (!problems.empty()) return problems;
  problems = simulator::prepare_run(row.mapping, row.layer, accelerator, row.hardware, program, {})
                 .problems;
  const std::int64_t mesh = mesh_of(row, accelerator);
  for (int l = 0; l < row.mapping.num_levels; ++l) {
    for (Dim d : model::kAllDims) {
      const std::int64_t factor = row.mapping.levels[l].spatial[d];
      if (factor <= mesh) continue;
      problems.push_back("the mapping spreads " + std::string(model::name(d)) + " over " +
                         std::to_string(factor) + " of the array's " + std::to_string(mesh) +
                         " rows or columns; expected no more than it has");
    }
  }
  return problems;
}

std::string layer_key(const model::Layer& layer) {
  std::string key;
  for (std::int64_t bound : layer.bounds.values) key += std::to_string(bound) + " ";
  return key + "/" + std::to_string(layer.stride_w) + "," + std::to_string(layer.stride_h) + " ~" +
         std::to_string(layer.dilation_w) + "," + std::to_string(layer.dilation_h);
}

TrainingSet make_training_set(const std::vector<MeasuredRow>& rows,
                              const model::Accelerator& accelerator,
                              ProgramKind program,
                              const model::Monitor& monitor) {
  TrainingSet set;
  set.program = program;
  set.rows_read = rows.size();
  std::map<std::string, std::size_t> first_of;       // mapping -> its row in the set
  std::vector<std::vector<double>> measured_cycles;  // of each row of the set
  for (const MeasuredRow& row : rows) {
    monitor.throw_if_stopped();
    if (std::string reason = artefact(row, accelerator, program); !reason.empty()) {
      set.dropped.push_back({row.line, std::move(reason)});
      continue;
    }
    const std::string key = mapping_key(row, accelerator, array_dim(row, accelerator, program));
    const auto [at, is_new] = first_of.emplace(key, set.rows.size());
    if (is_new) {
      set.rows.push_back(row);
      set.layers.push_back(layer_key(row.layer));
      measured_cycles.emplace_back();
    }
    measured_cycles[at->second].push_back(row.cycles);
  }
  std::vector<double> deviations;
  for (std::size_t i = 0; i < set.rows.size(); ++i) {
    monitor.throw_if_stopped();
    const std::vector<double>& repeats = measured_cycles[i];
    double log_mean = 0.0;
    for (double cycles : repeats)
      log_mean += std::log(cycles) / static_cast<double>(repeats.size());
    MeasuredRow& row = set.rows[i];
    if (repeats.size() > 1) {
      row.cycles = std::exp(log_mean);
      ++set.noise.mappings;
      set.noise.rows += repeats.size();
      for (double cycles : repeats)
        deviations.push_back(100.0 * std::abs(cycles / row.cycles - 1.0));
    }
    if (row.cycles >= least_cycles(row, accelerator, program)) continue;
    ++set.below_compute;
    if (set.below_compute_lines.size() < kMostLinesShown)
      set.below_compute_lines.push_back(row.line);
  }
  if (!deviations.empty()) {
    set.noise.median_percent = median(deviations);
    set.noise.p90_percent = quantile(deviations, 0.9);
  }
  return set;
}

std::vector<std::string> training_problems(const TrainingSet& set, bool allow_impossible) {
  if (allow_impossible || set.below_compute * kOneIn <= set.rows.size()) return {};
  std::string lines;
  for (std::size_t line : set.below_compute_lines)
    lines += (lines.empty() ? "" : ", ") + std::to_string(line);
  const std::size_t shown = set.below_compute_lines.size();
  return {std::to_string(set.below_compute) + " of " + std::to_string(set.rows.size()) +
          " rows are faster than their array can compute (line" + (shown == 1 ? " " : "s ") +
          lines + (shown < set.below_compute ? ", ..." : "") +
          "); expected cycles; --allow-impossible takes them"};
}

}  // namespace masala::learned
