// The constants of an analytical estimate that explain measured cycles best.
#pragma once

#include <string>
#include <vector>

#include "masala/model/fitted_constant.h"
#include "masala/model/monitor.h"

namespace at {
class Tensor;
}
namespace masala::model {
class CycleFormula;  // latency_base.h
}

namespace masala::learned {

struct ConstantsFit {
  std::vector<double> constants;
  double loss = 0.0;  // mean soft-L1 of ln(predicted / measured)
};

// Least squares on the log ratio with a robust loss, from several starts; the best one.
// measured_cycles [n], of the formula's rows. Throws model::Interrupted when stopped.
ConstantsFit fit_constants(const model::CycleFormula& formula,
                           const std::vector<model::FittedConstant>& constants,
                           const at::Tensor& measured_cycles,
                           const model::Monitor& monitor = {});

// A constant that a fit left at the end of its range: the data ask for more than it may give.
struct ConstantAtBound {
  std::string name;
  double value = 0.0;
  double bound = 0.0;  // the end of the range that it is at, within 1 %
};
std::vector<ConstantAtBound> constants_at_bounds(
    const std::vector<model::FittedConstant>& constants, const std::vector<double>& values);

}  // namespace masala::learned
