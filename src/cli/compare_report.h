// A judged comparison for people.
#pragma once

#include <string>

#include "cli/table.h"
#include "masala/app/compare.h"

namespace masala::cli {

// What the latency models bought, in one sentence.
std::string verdict(const app::CompareResult& result);

// One row per model, of one workload.
Table compare_table(const app::ComparedWorkload& compared, const model::Accelerator& accelerator);
// The same over all workloads: geometric means and prediction errors.
Table mean_table(const app::Comparison& comparison);

std::string compare_text(const app::CompareRequest& request, const app::CompareResult& result);

}  // namespace masala::cli
