#include "app/trace_program.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "masala/io/input_error.h"
#include "masala/io/text.h"

namespace masala::app {

namespace {

// The values of a column that are not empty; none where the column is missing.
std::set<std::string> values_of(const io::CsvTable& csv, const std::string& column) {
  std::set<std::string> values;
  if (const auto at = csv.find(column)) {
    for (const auto& row : csv.rows) values.insert(row[*at]);
  }
  values.erase("");
  return values;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// "a, b and c"; of at least two.
std::string listed(std::vector<std::string> names) {
  const std::string last = names.back();
  names.pop_back();
  return fmt::format("{} and {}", fmt::join(names, ", "), last);
}

// A column whose values must agree says none of the expected, or several.
[[noreturn]] void refuse_column(const io::CsvTable& csv,
                                const char* column,
                                const std::set<std::string>& values,
                                const std::string& expected) {
  throw io::InputError(io::located(csv.path,
                                   {},
                                   column,
                                   "got " + io::shown(*values.begin()) +
                                       (values.size() > 1 ? " and others" : "") + "; expected " +
                                       expected));
}

}  // namespace

model::RecognisedProgram choose_program(const std::optional<std::string>& asked,
                                        const model::Target& target,
                                        const io::CsvTable& csv) {
  if (asked) return {*asked, "as --program says"};
  for (const char* column : {"sim.program", "sample.program"}) {
    const std::set<std::string> values = values_of(csv, column);
    if (values.empty()) continue;
    if (values.size() > 1 || !contains(target.programs(), *values.begin())) {
      const std::string all = fmt::format("all {}", fmt::join(target.programs(), " or all "));
      refuse_column(csv, column, values, all + ", or --program");
    }
    return {*values.begin(), fmt::format("as its column {} says", column)};
  }
  return target.recognise([&](const std::string& column) {
    std::optional<std::vector<std::string>> found;
    if (!csv.find(column)) return found;
    const std::set<std::string> values = values_of(csv, column);
    return found.emplace(values.begin(), values.end()), found;
  });
}

std::optional<std::string> cache_of(const model::Target& target, const io::CsvTable& csv) {
  constexpr const char* kColumn = "sim.cache";
  const std::set<std::string> values = values_of(csv, kColumn);
  if (values.empty()) return std::nullopt;
  if (values.size() > 1 || !contains(target.cache_states(), *values.begin())) {
    refuse_column(csv,
                  kColumn,
                  values,
                  fmt::format("one of {} in all rows, or --cache", listed(target.cache_states())));
  }
  return *values.begin();
}

}  // namespace masala::app
