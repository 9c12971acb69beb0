#include "masala/app/comparison.h"

namespace masala::app {

Gains ComparedWorkload::gains_of(const Contender& contender) const {
  return gains(judged_score(contenders.front(), workload), judged_score(contender, workload));
}

std::optional<std::size_t> Comparison::find(const std::string& model) const {
  for (std::size_t m = 0; m < num_models(); ++m) {
    if (this->model(m) == model) return m;
  }
  return std::nullopt;
}

Gains Comparison::mean_gains(std::size_t m) const {
  std::vector<Gains> each;
  for (const ComparedWorkload& compared : workloads) {
    each.push_back(compared.gains_of(compared.contenders[m]));
  }
  return geometric_mean(each);
}

std::optional<PredictionError> Comparison::error(std::size_t m) const {
  std::vector<double> predicted;
  std::vector<double> judged;
  for (const ComparedWorkload& compared : workloads) {
    const Contender& contender = compared.contenders[m];
    if (contender.has_default_tiles) return std::nullopt;
    const std::vector<double> cycles = predicted_cycles(contender.design);
    predicted.insert(predicted.end(), cycles.begin(), cycles.end());
    judged.insert(judged.end(), contender.judged_cycles.begin(), contender.judged_cycles.end());
  }
  return prediction_error(predicted, judged);
}

}  // namespace masala::app
