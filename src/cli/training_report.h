// What `masala train` says of the rows and of the model: for people and as masala.train/1.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "learned/trained_model.h"

namespace masala::cli {

// Rows, layers, arrays, ranges; what was dropped and why; noise.
std::string rows_text(const learned::TrainingSet& set, const model::Accelerator& accelerator);

// Leave-layer-out and random folds, all tiers.
std::string metrics_text(const learned::TrainingResult& result, const learned::TrainingSet& set);

// The content of `<model>.report.json`, without provenance.
nlohmann::ordered_json report_json(const learned::TrainingResult& result,
                                   const learned::TrainingSet& set,
                                   const model::Accelerator& accelerator);

}  // namespace masala::cli
