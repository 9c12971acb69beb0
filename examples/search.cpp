// Searches mappings of ResNet-50, and buffers for them, on the Gemmini that can be built, under the
// latency model that comes with Masala, and prints the design.
#include <cstdio>

#include "masala/app/search.h"

int main() {
  masala::app::SearchRequest request;
  request.workload = "resnet50";                 // built in, or a file
  request.settings.accelerator = "gemmini-rtl";  // the same
  request.settings.method = "annealing";
  request.settings.budget = 100'000;  // evaluations; 0: until the method has converged
  request.latency.tier = "hybrid";    // cycles as trained, not the roofline's

  const masala::app::SearchResult result = masala::app::search(request, masala::model::Monitor{});
  if (!result.summary.best) return 1;
  const masala::search::Design& design = *result.summary.best;
  const masala::model::Accelerator& accelerator = result.problem.accelerator;
  for (const std::string& key : masala::model::hardware_keys(accelerator)) {
    const auto value = masala::model::hardware_value(accelerator, design.hardware, key);
    std::printf("%s %.0f\n", key.c_str(), *value);
  }
  for (std::size_t i = 0; i < design.mappings.size(); ++i) {
    std::printf("%-20s %s\n",
                result.problem.workload.layers[i].name.c_str(),
                masala::model::to_text(design.mappings[i], accelerator).c_str());
  }
  std::printf("%.0f cycles, %.0f uJ\n", design.cost.cycles, design.cost.energy_uj);
}
