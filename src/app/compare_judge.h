// Cycles that decide the comparison: simulated, or measured ones from a table.
#pragma once

#include <map>
#include <string>

#include "masala/app/compare.h"

namespace masala::app {

// Simulates every design, several at a time. Reports from the fraction `from` on. Throws
// Interrupted when stopped.
void judge_by_simulator(const CompareRequest& request,
                        const Monitor& monitor,
                        double from,
                        CompareResult& result);

// Measured cycles by shape, hardware and mapping text; rows of the same count by their geometric
// mean.
class MeasuredCycles {
 public:
  // A trace table with target.gemmini_cycle. Factors may be imperfect, as the default tiler's are.
  MeasuredCycles(const std::string& path, const model::Accelerator& accelerator);

  // Fills in the cycles of all layers. Throws an InputError that lists the layers without a row;
  // `hint` ends it. What was found is filled in either way, 0 elsewhere.
  void judge(Comparison& comparison, const std::string& hint) const;

 private:
  std::string key(const model::Mapping& mapping,
                  const model::Layer& layer,
                  const model::Hardware& hardware) const;

  struct Repeats {
    double log_sum = 0.0;
    int rows = 0;
  };

  const model::Accelerator& accelerator_;
  std::string path_;
  std::map<std::string, Repeats> rows_;
};

}  // namespace masala::app
