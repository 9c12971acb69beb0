#include "app/compare_judge.h"

#include <cmath>
#include <mutex>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/simulator_judge.h"
#include "masala/io/input_error.h"
#include "masala/io/trace_csv.h"
#include "masala/model/parallel.h"

namespace masala::app {

void judge_by_simulator(const CompareRequest& request,
                        const Monitor& monitor,
                        double from,
                        CompareResult& result) {
  struct Task {
    const model::Workload* workload;
    Contender* contender;
  };
  std::vector<Task> tasks;
  for (ComparedWorkload& compared : result.comparison.workloads) {
    for (Contender& contender : compared.contenders) {
      tasks.push_back({&compared.workload, &contender});
    }
  }
  model::SimulateOptions options;
  options.cache = request.cache;
  std::mutex mutex;  // guards what follows
  std::size_t done = 0;
  model::run_parallel(static_cast<int>(tasks.size()), request.run.threads, [&](int i) {
    const Task& task = tasks[static_cast<std::size_t>(i)];
    std::optional<std::vector<double>> cycles;
    try {
      cycles = simulated_cycles(
          *task.contender, result.loaded, *task.workload, *result.simulator, options, monitor);
    } catch (const std::invalid_argument& error) {
      throw io::InputError(fmt::format(
          "{}, {} model, simulated: {}", task.workload->name, task.contender->model, error.what()));
    }
    if (!cycles) throw Interrupted();
    task.contender->judged_cycles = std::move(*cycles);
    const std::lock_guard<std::mutex> lock(mutex);
    ++done;
    const double share = static_cast<double>(done) / static_cast<double>(tasks.size());
    if (monitor.report) {
      monitor.report({"judging",
                      from + (1.0 - from) * share,
                      static_cast<std::int64_t>(done),
                      "designs",
                      std::nullopt,
                      ""});
    }
  });
}

MeasuredCycles::MeasuredCycles(const std::string& path, const model::Accelerator& accelerator)
    : accelerator_(accelerator), path_(path) {
  io::TraceOptions options;
  options.target_column = kCyclesColumn;
  options.factors = model::Factors::imperfect;
  for (const std::optional<io::TraceRow>& row : io::read_traces(path, accelerator, options).rows) {
    Repeats& repeats = rows_[key(row->mapping, row->layer, row->hardware)];
    repeats.log_sum += std::log(*row->measured_cycles);
    ++repeats.rows;
  }
}

std::string MeasuredCycles::key(const model::Mapping& mapping,
                                const model::Layer& layer,
                                const model::Hardware& hardware) const {
  return fmt::format("{} {} {} {} {} {} | {} {} | {}",
                     fmt::join(layer.bounds.values, " "),
                     layer.stride_w,
                     layer.stride_h,
                     layer.dilation_w,
                     layer.dilation_h,
                     layer.groups,
                     fmt::join(hardware.parameters, " "),
                     fmt::join(hardware.kib, " "),
                     model::to_text(mapping, accelerator_));
}

void MeasuredCycles::judge(Comparison& comparison, const std::string& hint) const {
  io::Problems problems;
  for (ComparedWorkload& compared : comparison.workloads) {
    for (Contender& contender : compared.contenders) {
      contender.judged_cycles.clear();
      for (std::size_t i = 0; i < compared.workload.layers.size(); ++i) {
        const model::Layer& layer = compared.workload.layers[i];
        const model::Mapping& mapping = contender.design.mappings[i];
        const auto found = rows_.find(key(mapping, layer, contender.design.hardware));
        const bool is_known = found != rows_.end();
        contender.judged_cycles.push_back(
            is_known ? std::exp(found->second.log_sum / found->second.rows) : 0.0);
        if (is_known) continue;
        problems.add(path_,
                     {},
                     "",
                     fmt::format("no row for layer {} of {}, {} model; expected one with this "
                                 "shape, the design's hardware and {}",
                                 layer.name,
                                 compared.workload.name,
                                 contender.model,
                                 model::to_text(mapping, accelerator_)));
      }
    }
  }
  problems.throw_if_any(hint);
}

}  // namespace masala::app
