// Reference rows from outside the source tree. Tests that need them are skipped without them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace masala::testing {

using ReferenceRow = std::map<std::string, std::string>;  // column -> field

// The rows of a CSV file without quotes; nullopt when it is not there.
std::optional<std::vector<ReferenceRow>> rows_of_csv(const std::string& path);

// Reads `<folder>/<name>`, the folder being $MASALA_REFERENCE_DIR or the one given at build time;
// nullopt when the file is not there. Fields must hold no quotes.
std::optional<std::vector<ReferenceRow>> reference_rows(const std::string& name);

}  // namespace masala::testing
