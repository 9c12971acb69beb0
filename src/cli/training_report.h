// What `masala train` says of the rows and of the model, for people.
#pragma once

#include <string>
#include <vector>

#include "cli/table.h"
#include "masala/app/train.h"

namespace masala::cli {

// Rows, layers, arrays, ranges; what was dropped and why; noise.
std::string rows_text(const learned::TrainingSet& set, const app::LoadedAccelerator& loaded);

// Leave-layer-out and random folds, a row per tier.
Table metrics_table(const std::vector<learned::FoldMetrics>& divisions);
std::string metrics_text(const learned::TrainingResult& result, const learned::TrainingSet& set);

}  // namespace masala::cli
