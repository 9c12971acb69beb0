#include "cli/compare_request.h"

#include <fmt/format.h>

namespace masala::cli {
namespace {

// Workload names are free text.
std::string file_stem(const std::string& name) {
  std::string stem = name;
  for (char& c : stem) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!is_plain) c = '_';
  }
  return stem;
}

}  // namespace

search::Problem problem_of(const CompareRequest& request, std::size_t workload, std::size_t model) {
  search::Problem problem = request.problem;
  problem.workload = request.workloads[workload].workload;
  problem.latency = request.models[model].model;
  if (problem.latency) problem.caution = request.caution;
  return problem;
}

std::optional<std::string> design_path(const CompareRequest& request,
                                       const std::string& workload,
                                       const std::string& model) {
  if (!request.flags.output) return std::nullopt;
  return fmt::format("{}/{}.{}.design.json", *request.flags.output, file_stem(workload), model);
}

}  // namespace masala::cli
