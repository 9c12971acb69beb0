#include "support/reference_data.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace masala::testing {
namespace {

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream stream(line);
  for (std::string field; std::getline(stream, field, ',');) fields.push_back(field);
  return fields;
}

}  // namespace

std::optional<std::vector<ReferenceRow>> rows_of_csv(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  const std::vector<std::string> columns = split(line);
  std::vector<ReferenceRow> rows;
  while (std::getline(file, line)) {
    const std::vector<std::string> fields = split(line);
    ReferenceRow& row = rows.emplace_back();
    for (std::size_t i = 0; i < columns.size() && i < fields.size(); ++i)
      row[columns[i]] = fields[i];
  }
  return rows;
}

std::optional<std::vector<ReferenceRow>> reference_rows(const std::string& name) {
  const char* folder = std::getenv("MASALA_REFERENCE_DIR");
  return rows_of_csv(std::string(folder != nullptr ? folder : MASALA_REFERENCE_DIR) + "/" + name);
}

}  // namespace masala::testing
