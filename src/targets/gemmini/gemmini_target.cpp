#include "targets/gemmini/gemmini_target.h"

#include <algorithm>
#include <stdexcept>

#include "targets/gemmini/latency/calibration.h"
#include "targets/gemmini/latency/gemmini_latency.h"
#include "targets/gemmini/machine.h"
#include "targets/gemmini/program/driver_words.h"
#include "targets/gemmini/program/layer_run.h"
#include "targets/gemmini/program/measured_rows.h"
#include "targets/gemmini/simulator/gemmini_simulator.h"
#include "targets/gemmini/tile_header.h"

namespace masala::gemmini {
namespace {

using model::Accelerator;
using model::Hardware;
using model::Layer;
using model::Mapping;
using model::MeasuredRow;

// Of the chip generator's default configuration.
constexpr std::pair<const char*, double> kPublished[] = {
    {kArrayKey, 16}, {kScratchpadKey, 256}, {kAccumulatorKey, 64}};

// Chips that were measured have arrays of powers of two, and 128 stands for another in their
// tables.
constexpr std::int64_t kLargestMeasured = 64;
constexpr const char* kMeshColumn = "arch.meshX";

class GemminiTarget : public model::Target {
 public:
  std::string_view name() const override { return "gemmini"; }
  bool has_driver() const override { return true; }

  std::vector<std::string> programs() const override {
    return {std::string(gemmini::name(ProgramKind::clean)),
            std::string(gemmini::name(ProgramKind::measured))};
  }
  std::vector<std::string> cache_states() const override {
    std::vector<std::string> names;
    for (CacheState state : kAllCacheStates) names.emplace_back(gemmini::name(state));
    return names;
  }
  // FireSim's harness runs a layer's arrays through the caches first.
  std::optional<std::string> usual_cache(const std::string& program) const override {
    if (program_of_name(program) != ProgramKind::measured) return std::nullopt;
    return std::string(gemmini::name(CacheState::warm));
  }

  std::vector<std::string> problems(const Accelerator& accelerator,
                                    const std::string& program) const override {
    return driver_problems(accelerator, program_of_name(program));
  }
  model::WordsNeeded driver_words(const Accelerator& accelerator) const override {
    return gemmini::driver_words(accelerator);
  }
  model::PreparedRun prepare(const Mapping& mapping,
                             const Layer& layer,
                             const Accelerator& accelerator,
                             const Hardware& hardware,
                             const std::string& program) const override {
    return prepare_run(mapping, layer, accelerator, hardware, program_of_name(program));
  }
  model::PreparedDefaultRun prepare_default(const Layer& layer,
                                            const Accelerator& accelerator,
                                            const Hardware& hardware,
                                            const std::string& program) const override {
    return prepare_default_run(layer, accelerator, hardware, program_of_name(program));
  }
  std::string tiler_name() const override { return "Gemmini's own tiler"; }
  std::string published_name() const override {
    return tiler_name() + " on 16 x 16, 256 KiB, 64 KiB";
  }
  Hardware published_hardware(const Accelerator& accelerator) const override {
    Hardware hardware = model::default_hardware(accelerator);
    for (const auto& [key, value] : kPublished)
      model::set_hardware_value(accelerator, hardware, key, value);
    return hardware;
  }
  std::unique_ptr<model::Simulator> make_simulator(const Accelerator& accelerator) const override {
    return std::make_unique<GemminiSimulator>(constants_from(accelerator));
  }
  std::string tile_header(const std::string& workload,
                          const std::string& identifier,
                          const std::vector<model::ExportedRun>& runs) const override {
    return gemmini::tile_header(workload, identifier, runs);
  }

  std::optional<std::string> trace_column(std::string_view parameter) const override {
    if (parameter != kArrayKey) return std::nullopt;
    return kMeshColumn;
  }
  model::RecognisedProgram recognise(const model::TraceColumn& column) const override {
    const std::string measured(gemmini::name(ProgramKind::measured));
    for (const char* name : {"target.gemmini_auto_cycle", "dse.auto_tiling"}) {
      if (column(name)) return {measured, "the table has FireSim's column " + std::string(name)};
    }
    if (column(kMeshColumn) == std::vector<std::string>{"128"})
      return {measured, "arch.meshX is 128 in all rows, as in FireSim's tables"};
    return {std::string(gemmini::name(ProgramKind::clean)),
            "the table shows no sign of FireSim's driver"};
  }
  std::vector<model::FixedValue> measured_sizes(const Accelerator& accelerator,
                                                const std::string& program) const override {
    std::vector<model::FixedValue> sizes;
    if (program_of_name(program) != ProgramKind::measured) return sizes;
    for (const auto& [key, value] : accelerator.program->measured_hardware)
      sizes.push_back({key, value});
    return sizes;
  }
  void restrict_to_measured(const std::string& program, Accelerator& accelerator) const override {
    if (program_of_name(program) != ProgramKind::measured) return;
    for (model::Parameter& parameter : accelerator.parameters) {
      model::Range& range = parameter.range;
      if (parameter.name != kArrayKey || range.is_fixed()) continue;
      std::int64_t min = 1;
      while (min < range.min) min *= 2;
      const std::int64_t max = std::min(range.max, kLargestMeasured);
      if (min <= max) range = {min, max, 1, true, min};
    }
  }
  std::vector<std::string> row_problems(const MeasuredRow& row,
                                        const Accelerator& accelerator,
                                        const std::string& program) const override {
    return gemmini::row_problems(row, accelerator, program_of_name(program));
  }
  std::string artefact(const MeasuredRow& row,
                       const Accelerator& accelerator,
                       const std::string& program) const override {
    if (!wraps(program_of(row, accelerator, program_of_name(program)))) return "";
    return "a tile lies wholly in the padding, where the measured driver's 16-bit counter wraps";
  }
  Hardware ran_on(const MeasuredRow& row,
                  const Accelerator& accelerator,
                  const std::string& program) const override {
    Hardware hardware = row.hardware;
    const auto dim = static_cast<double>(array_dim(row, accelerator, program));
    model::set_hardware_value(accelerator, hardware, kArrayKey, dim);
    return hardware;
  }
  std::int64_t array_dim(const MeasuredRow& row,
                         const Accelerator& accelerator,
                         const std::string& program) const override {
    return gemmini::array_dim(row, accelerator, program_of_name(program));
  }
  double compute_cycles(const MeasuredRow& row,
                        const Accelerator& accelerator,
                        const std::string& program) const override {
    const DriverProgram run = program_of(row, accelerator, program_of_name(program));
    const auto dim = static_cast<double>(run.dim);
    return run.macs() / (dim * dim);
  }

  std::vector<model::FittedConstant> constants() const override { return calibration_constants(); }
  std::shared_ptr<const model::LatencyBase> latency_base(
      const Accelerator& accelerator,
      const std::vector<double>& constants,
      const model::RunConditions& conditions) const override {
    return gemmini::latency_base(
        accelerator, constants, program_of_name(conditions.program), cache_of(conditions.cache));
  }
  std::unique_ptr<const model::CycleFormula> cycle_formula(
      const std::vector<MeasuredRow>& rows,
      const Accelerator& accelerator,
      const model::RunConditions& conditions,
      const model::Monitor& monitor) const override {
    return gemmini::cycle_formula(rows,
                                  accelerator,
                                  program_of_name(conditions.program),
                                  cache_of(conditions.cache),
                                  monitor);
  }
};

}  // namespace

const model::Target& target() {
  static const GemminiTarget kTarget;
  return kTarget;
}

}  // namespace masala::gemmini
