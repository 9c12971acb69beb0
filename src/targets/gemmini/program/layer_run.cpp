#include "targets/gemmini/program/layer_run.h"

#include <algorithm>
#include <stdexcept>

#include "targets/gemmini/machine.h"
#include "targets/gemmini/simulator/constants.h"

namespace masala::gemmini {
namespace {

using model::Dim;

constexpr double kMostMacs = 9007199254740992.0;  // 2^53, as of a layer

bool has_gemmini_levels(const model::Accelerator& accelerator) {
  return std::equal(accelerator.levels.begin(),
                    accelerator.levels.end(),
                    kLevelNames.begin(),
                    kLevelNames.end(),
                    [](const model::Level& level, const char* name) { return level.name == name; });
}

const double* find(const std::vector<std::pair<std::string, double>>& values,
                   const std::string& key) {
  for (const auto& [name, value] : values) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::string known_constants() {
  std::string names;
  for (const ConstantField& field : constant_fields()) {
    names += (names.empty() ? "" : ", ") + std::string(field.name);
  }
  return names;
}

std::int64_t array_key_value(const model::Accelerator& accelerator,
                             const model::Hardware& hardware) {
  return static_cast<std::int64_t>(*model::hardware_value(accelerator, hardware, kArrayKey));
}

// The measured driver knows one stride, no dilation and, of matrix multiplies, no batch; where a
// first tile lies wholly in the padding on the left, the hardware never ends.
void check_measured(const DriverProgram& program,
                    const model::Layer& layer,
                    std::vector<std::string>& problems) {
  const std::string expected = "; expected a layer it can run, or the clean program";
  if (program.is_matmul) {
    if (layer.bounds[Dim::N] > 1) {
      problems.push_back("the measured driver multiplies one matrix, without a batch" + expected);
    }
    return;
  }
  if (layer.dilation_w != 1 || layer.dilation_h != 1) {
    problems.push_back("the measured driver has no dilation" + expected);
  }
  if (layer.stride_w != layer.stride_h) {
    problems.push_back("the measured driver has one stride for both axes" + expected);
  }
  const std::int64_t first_columns =
      program.tile[Dim::P] * program.stride_w + program.tile[Dim::R] - 1;
  if (program.padding > first_columns) {
    problems.push_back("the measured driver never ends: the first tile's " +
                       std::to_string(first_columns) + " columns lie in the padding of " +
                       std::to_string(program.padding) + "; expected a wider tile");
  }
}

model::PreparedRun prepare(const Tiling& tiling,
                           const model::Layer& layer,
                           std::int64_t dim,
                           const MemorySizes& sizes,
                           ProgramKind kind,
                           std::int64_t tiler_size_checks = 0) {
  if (dim < 1 || dim > kLargestArray) {
    return {nullptr,
            {"the array is " + std::to_string(dim) +
             " wide; the simulator knows arrays from 1 to " + std::to_string(kLargestArray)}};
  }
  const auto run = std::make_shared<GemminiRun>();
  run->program = make_program(tiling, layer, dim, kind);
  if (run->program.macs() > kMostMacs) {
    return {nullptr,
            {"the measured driver runs it as " + std::to_string(run->program.limit[Dim::P]) +
             " x " + std::to_string(run->program.limit[Dim::Q]) +
             " outputs, more than 2^53 MACs; expected a smaller layer"}};
  }
  run->sizes = sizes;
  run->tiler_size_checks = tiler_size_checks;
  model::PreparedRun prepared{run, {}};
  prepared.problems = legality_problems(run->program, sizes.scratchpad_kib, sizes.accumulator_kib);
  if (kind == ProgramKind::measured) check_measured(run->program, layer, prepared.problems);
  return prepared;
}

}  // namespace

std::string GemminiRun::label() const {
  const std::string dim = std::to_string(program.dim);
  return std::string(name(program.kind)) +
         (program.is_matmul ? " matrix multiply on " : " convolution on ") + dim + " x " + dim;
}

std::vector<std::string> driver_problems(const model::Accelerator& accelerator, ProgramKind kind) {
  std::vector<std::string> out;
  constexpr const char* kKeys[] = {kArrayKey, kScratchpadKey, kAccumulatorKey};
  const bool has_keys = std::all_of(std::begin(kKeys), std::end(kKeys), [&](const char* key) {
    return model::hardware_range(accelerator, key) != nullptr;
  });
  if (!has_gemmini_levels(accelerator) || !has_keys) {
    out.push_back(
        "levels: not those of Gemmini; expected registers, accumulator, scratchpad and dram with "
        "the hardware keys pe_dim, scratchpad_kib and accumulator_kib");
  }
  if (kind == ProgramKind::measured) {
    for (const char* key : {kScratchpadKey, kAccumulatorKey}) {
      if (find(accelerator.program->measured_hardware, key) != nullptr) continue;
      out.push_back("program.measured_hardware: " + std::string(key) +
                    " missing; expected it for the measured program");
    }
  }
  for (const auto& [name, value] : accelerator.simulator) {
    const auto& fields = constant_fields();
    const bool is_known =
        std::any_of(fields.begin(), fields.end(), [key = &name](const ConstantField& field) {
          return *key == field.name;
        });
    if (!is_known) {
      out.push_back("simulator." + name + ": unknown constant; expected one of " +
                    known_constants());
    }
  }
  return out;
}

MemorySizes memory_sizes(const model::Accelerator& accelerator,
                         const model::Hardware& hardware,
                         ProgramKind kind) {
  if (kind == ProgramKind::measured) {
    const auto& measured = accelerator.program->measured_hardware;
    return {*find(measured, kScratchpadKey), *find(measured, kAccumulatorKey)};
  }
  return {*model::hardware_value(accelerator, hardware, kScratchpadKey),
          *model::hardware_value(accelerator, hardware, kAccumulatorKey)};
}

model::PreparedRun prepare_run(const model::Mapping& mapping,
                               const model::Layer& layer,
                               const model::Accelerator& accelerator,
                               const model::Hardware& hardware,
                               ProgramKind kind) {
  const std::int64_t mesh = array_key_value(accelerator, hardware);
  const std::int64_t dim = kind == ProgramKind::measured ? measured_array_dim(mapping, mesh) : mesh;
  return prepare(
      tiling_of(mapping, layer, kind), layer, dim, memory_sizes(accelerator, hardware, kind), kind);
}

model::PreparedDefaultRun prepare_default_run(const model::Layer& layer,
                                              const model::Accelerator& accelerator,
                                              const model::Hardware& hardware,
                                              ProgramKind kind) {
  const std::int64_t dim = std::min(array_key_value(accelerator, hardware), kLargestArray + 1);
  const MemorySizes sizes = memory_sizes(accelerator, hardware, kind);
  try {
    const DefaultTiling found =
        default_tiling(layer, dim, sizes.scratchpad_kib, sizes.accumulator_kib, kind);
    const std::int64_t timed = kind == ProgramKind::measured ? found.size_checks : 0;
    return {prepare(found.tiling, layer, dim, sizes, kind, timed),
            mapping_of(found.tiling, layer, accelerator, dim)};
  } catch (const std::invalid_argument& error) {
    return {{nullptr, {error.what()}}, {}};
  }
}

}  // namespace masala::gemmini
