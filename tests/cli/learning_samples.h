// Small tables to train on, of the simulated rows that come with Masala.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "cli/run_masala.h"

namespace masala::test {

// The first `per_layer` rows of each of `layers` layers, from the `first`-th on. The table goes
// through its layers in turn.
inline std::string training_rows(std::size_t first, std::size_t layers, std::size_t per_layer) {
  constexpr std::size_t kLayers = 200;
  std::istringstream stream(read_text_file(data_file("traces/gemmini_sim.csv")));
  std::string line;
  std::getline(stream, line);
  std::string table = line + "\n";
  for (std::size_t row = 0; std::getline(stream, line) && row < kLayers * per_layer; ++row) {
    const std::size_t layer = row % kLayers;
    if (layer >= first && layer < first + layers) table += line + "\n";
  }
  return table;
}

}  // namespace masala::test
