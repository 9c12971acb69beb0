// Accelerators and workloads by name or path, and hardware values from outside.
#pragma once

#include <string>
#include <vector>

#include "masala/model/accelerator.h"
#include "masala/model/cost.h"
#include "masala/model/layer.h"
#include "masala/model/monitor.h"
#include "masala/model/target.h"

namespace masala::app {

struct LoadedAccelerator {
  model::Accelerator accelerator;
  std::string path;
  const model::Target* target = nullptr;  // of the accelerator; never null once loaded
};
LoadedAccelerator load_accelerator(const std::string& name_or_path);

struct LoadedWorkload {
  model::Workload workload;
  std::string path;
};
// Warns of layers that are legal and probably not what was meant.
LoadedWorkload load_workload(const std::string& name_or_path, const model::Monitor& monitor);

// Refuses unknown hardware keys, and values that are no size at all. Any size may be evaluated and
// simulated, also one that search would not try.
void check_fixed(const std::vector<model::FixedValue>& fixed,
                 const model::Accelerator& accelerator);

// Of driver programs, and of what caches may hold before a layer: every target's, each once.
std::vector<std::string> program_names();
std::vector<std::string> cache_state_names();

// A script that comes with Masala draws the plots of its reports.
std::string plot_library();

}  // namespace masala::app
