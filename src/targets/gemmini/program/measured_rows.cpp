#include "targets/gemmini/program/measured_rows.h"

#include "targets/gemmini/machine.h"
#include "targets/gemmini/program/layer_run.h"

namespace masala::gemmini {

using model::Dim;

std::int64_t array_dim(const model::MeasuredRow& row,
                       const model::Accelerator& accelerator,
                       ProgramKind program) {
  const auto mesh =
      static_cast<std::int64_t>(*model::hardware_value(accelerator, row.hardware, kArrayKey));
  return program == ProgramKind::measured ? measured_array_dim(row.mapping, mesh) : mesh;
}

DriverProgram program_of(const model::MeasuredRow& row,
                         const model::Accelerator& accelerator,
                         ProgramKind program) {
  return make_program(tiling_of(row.mapping, row.layer, program),
                      row.layer,
                      array_dim(row, accelerator, program),
                      program);
}

std::vector<std::string> row_problems(const model::MeasuredRow& row,
                                      const model::Accelerator& accelerator,
                                      ProgramKind program) {
  std::vector<std::string> problems = driver_problems(accelerator, program);
  if (!problems.empty()) return problems;
  problems = prepare_run(row.mapping, row.layer, accelerator, row.hardware, program).problems;
  const auto mesh =
      static_cast<std::int64_t>(*model::hardware_value(accelerator, row.hardware, kArrayKey));
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

}  // namespace masala::gemmini
