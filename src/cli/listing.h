// A list that prints as a table or as JSON.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "cli/console.h"

namespace masala::cli {

struct Listing {
  std::vector<std::pair<std::string, Align>> columns;
  std::vector<nlohmann::ordered_json> rows;  // objects with a value per column

  std::string table() const;
  void print(Format format) const;
};

}  // namespace masala::cli
