// The hardware that a search may choose: the accelerator's grid with fixed values kept.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "masala/search/space/problem.h"

namespace masala::search {

// The value that --fix gives a key, if any.
std::optional<double> fixed_value(const Problem& problem, const std::string& key);

// Keys that neither the problem nor the accelerator fixes.
std::vector<std::string> free_keys(const Problem& problem);

// Every free value at its maximum.
model::Hardware largest_hardware(const model::Accelerator& accelerator,
                                 const std::vector<model::FixedValue>& fixed);
inline model::Hardware largest_hardware(const Problem& problem) {
  return largest_hardware(problem.accelerator, problem.fixed);
}

bool same_hardware(const model::Hardware& a, const model::Hardware& b);

bool area_allowed(const Problem& problem, const model::Hardware& hardware);

// Lowers the values of `keys` step by step, always the one that saves the most area, until the area
// is allowed; nullopt when it still is not with all of them at their minimum.
std::optional<model::Hardware> shrunk_to_area(const Problem& problem,
                                              const std::vector<std::string>& keys,
                                              model::Hardware hardware);

// Why no design exists: a level that cannot hold even the smallest tile, an area limit below the
// smallest hardware that runs the workload, or an objective that overflows there. Empty where one
// does. The problem must be valid otherwise.
std::vector<std::string> infeasibilities(const Problem& problem);

}  // namespace masala::search
