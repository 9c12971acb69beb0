// Several models on several workloads, judged.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "masala/app/contender.h"
#include "masala/app/scores.h"

namespace masala::app {

struct ComparedWorkload {
  model::Workload workload;
  std::vector<Contender> contenders;  // the default first

  // Judged, over the default.
  Gains gains_of(const Contender& contender) const;
};

// Every workload has the same models in the same order, the default first.
struct Comparison {
  std::vector<ComparedWorkload> workloads;

  std::size_t num_models() const { return workloads.front().contenders.size(); }
  const std::string& model(std::size_t m) const { return workloads.front().contenders[m].model; }
  std::optional<std::size_t> find(const std::string& model) const;

  // Geometric mean over the workloads.
  Gains mean_gains(std::size_t m) const;
  // Over the layers of all designs; nullopt for the default, which nothing predicts.
  std::optional<PredictionError> error(std::size_t m) const;
};

}  // namespace masala::app
