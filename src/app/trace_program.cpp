#include "app/trace_program.h"

#include <set>

#include <fmt/format.h>

#include "io/input_error.h"
#include "io/text.h"

namespace masala::app {

namespace {

// The values of a column that are not empty; none where the column is missing.
std::set<std::string> values_of(const io::CsvTable& csv, const char* column) {
  std::set<std::string> values;
  if (const auto at = csv.find(column)) {
    for (const auto& row : csv.rows) values.insert(row[*at]);
  }
  values.erase("");
  return values;
}

// A column whose values must agree says none of the expected, or several.
[[noreturn]] void refuse_column(const io::CsvTable& csv,
                                const char* column,
                                const std::set<std::string>& values,
                                const char* expected) {
  throw io::InputError(io::located(csv.path,
                                   {},
                                   column,
                                   "got " + io::shown(*values.begin()) +
                                       (values.size() > 1 ? " and others" : "") + "; expected " +
                                       expected));
}

}  // namespace

ChosenProgram choose_program(std::optional<simulator::ProgramKind> asked, const io::CsvTable& csv) {
  if (asked) return {*asked, "as --program says"};
  for (const char* column : {"sim.program", "sample.program"}) {
    const std::set<std::string> values = values_of(csv, column);
    if (values.empty()) continue;
    const auto kind = simulator::program_from_name(*values.begin());
    if (values.size() > 1 || !kind) {
      refuse_column(csv, column, values, "all clean or all measured, or --program");
    }
    return {*kind, fmt::format("as its column {} says", column)};
  }
  for (const char* column : {"target.gemmini_auto_cycle", "dse.auto_tiling"}) {
    if (!csv.find(column)) continue;
    return {simulator::ProgramKind::measured,
            fmt::format("the table has FireSim's column {}", column)};
  }
  if (values_of(csv, "arch.meshX") == std::set<std::string>{"128"}) {
    return {simulator::ProgramKind::measured,
            "arch.meshX is 128 in all rows, as in FireSim's tables"};
  }
  return {simulator::ProgramKind::clean, "the table shows no sign of FireSim's driver"};
}

std::optional<simulator::CacheState> cache_of(const io::CsvTable& csv) {
  constexpr const char* kColumn = "sim.cache";
  const std::set<std::string> values = values_of(csv, kColumn);
  if (values.empty()) return std::nullopt;
  const auto state = simulator::cache_from_name(*values.begin());
  if (values.size() > 1 || !state) {
    refuse_column(
        csv, kColumn, values, "one of warm, inputs, llc, cold and carry in all rows, or --cache");
  }
  return state;
}

}  // namespace masala::app
