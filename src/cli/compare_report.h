// A judged comparison as text, JSON and a table of layers.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "cli/compare_request.h"
#include "compare/comparison.h"
#include "io/csv.h"

namespace masala::cli {

// "the simulator (clean program, carry caches)" or the measured table.
std::string judge_text(const CompareRequest& request);

// What the latency models bought, in one sentence.
std::string verdict(const compare::Comparison& comparison);

// Titles and rows of one workload's table, a row per model.
std::vector<std::string> compare_titles(const model::Accelerator& accelerator);
std::vector<std::vector<std::string>> compare_rows(const compare::ComparedWorkload& compared,
                                                   const model::Accelerator& accelerator);
// The same over all workloads: geometric means and prediction errors.
std::vector<std::string> mean_titles();
std::vector<std::vector<std::string>> mean_rows(const compare::Comparison& comparison);

std::string compare_text(const CompareRequest& request, const compare::Comparison& comparison);

// masala.compare/1
nlohmann::ordered_json compare_json(const CompareRequest& request,
                                    const compare::Comparison& comparison);

// Every layer of every design in the trace format; cycles that the judge does not know stay empty.
io::CsvTable compare_table(const CompareRequest& request, const compare::Comparison& comparison);

}  // namespace masala::cli
