#include "masala/app/compare.h"

#include <fmt/format.h>

#include "app/compare_designs.h"
#include "app/compare_judge.h"
#include "app/driver.h"
#include "masala/io/input_error.h"
#include "masala/io/text.h"

namespace masala::app {
namespace {

// Of the whole work, roughly: the judge's is the rest.
constexpr double kSearchShare = 0.9;

// Every design must be one that the driver can run, half of each memory at a time.
void check_machine(const LoadedAccelerator& loaded) {
  check_driver(loaded, "");
  if (loaded.target->driver_words(loaded.accelerator)) return;
  throw io::InputError(
      loaded.path +
      ": levels: scratchpad and accumulator are not double-buffered; expected double_buffered: "
      "true for both, as the driver fills one half while it works on the other (see gemmini-rtl)");
}

std::vector<LoadedWorkload> load_workloads(const std::vector<std::string>& names,
                                           const Monitor& monitor) {
  std::vector<LoadedWorkload> workloads;
  for (const std::string& name : names) {
    LoadedWorkload loaded = load_workload(name, monitor);
    for (const LoadedWorkload& other : workloads) {
      if (other.workload.name != loaded.workload.name) continue;
      throw io::InputError(fmt::format("{}: name: {} is the name of {} too; expected another",
                                       loaded.path,
                                       io::shown(loaded.workload.name),
                                       other.path));
    }
    workloads.push_back(std::move(loaded));
  }
  return workloads;
}

// The rows to measure are written before a judge is asked who may not know all of them.
void judge_by_table(const CompareRequest& request,
                    const MeasuredCycles& measured,
                    CompareResult& result) {
  if (request.folder == nullptr) return measured.judge(result.comparison, "");
  const std::string hint =
      fmt::format("all rows are in {}; expected their cycles in --judge, then --resume",
                  request.folder->file("layers.csv"));
  try {
    measured.judge(result.comparison, hint);
  } catch (const io::InputError&) {
    request.folder->write("layers.csv",
                          io::to_csv(compare_rows(result.loaded.accelerator, result.comparison)));
    throw;
  }
}

}  // namespace

CompareResult compare(const CompareRequest& request, const Monitor& monitor) {
  CompareResult result;
  result.loaded = load_accelerator(request.settings.accelerator);
  result.workloads = load_workloads(request.workloads, monitor);
  check_machine(result.loaded);
  const model::Accelerator& accelerator = result.loaded.accelerator;
  for (const std::string& tier : request.tiers) {
    result.models.push_back(load_latency({tier, request.model_path}, result.loaded));
  }
  std::optional<MeasuredCycles> measured;
  if (request.judge_path) measured.emplace(*request.judge_path, accelerator);
  const double search_share = measured ? 1.0 : kSearchShare;
  result.comparison = find_designs(request, result, monitor, search_share);
  if (measured) {
    judge_by_table(request, *measured, result);
  } else {
    result.simulator = result.loaded.target->make_simulator(accelerator);
    judge_by_simulator(request, monitor, search_share, result);
  }
  return result;
}

}  // namespace masala::app
