// masala info: what there is, and what a file holds.
#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/accelerator_page.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/design_report.h"
#include "cli/numbers.h"
#include "cli/progress_bar.h"
#include "cli/table.h"
#include "masala/app/design.h"
#include "masala/app/info.h"

namespace masala::cli {
namespace {

using nlohmann::ordered_json;

void print(const Table& table, bool as_json) {
  if (as_json) {
    fmt::print("{}\n", to_json(table).dump(2));
  } else {
    fmt::print("{}", to_text(table));
  }
}

Table accelerator_list() {
  Table table;
  for (const char* title : {"name", "levels", "hardware", "description"})
    table.columns.push_back({title, title, "", {}, Align::left});
  for (const app::NamedAccelerator& named : app::builtin_accelerators()) {
    const model::Accelerator& accelerator = named.accelerator;
    std::string levels;
    for (const model::Level& level : accelerator.levels)
      levels += (levels.empty() ? "" : " ") + level.name;
    std::string hardware;
    for (const std::string& key : model::hardware_keys(accelerator)) {
      hardware += (hardware.empty() ? "" : ", ") + key + " " +
                  range_text(*model::hardware_range(accelerator, key));
    }
    table.rows.push_back({named.name, levels, hardware, accelerator.description});
  }
  return table;
}

Table workload_list() {
  Table table;
  table.columns = {{"name", "name", "", {}, Align::left},
                   {"layers", "layers", "", {}},
                   {"executions", "executions", "", {}},
                   {"GMACs", "GMACs", "", Format::significant()}};
  for (const app::NamedWorkload& named : app::builtin_workloads()) {
    std::int64_t executions = 0;
    double macs = 0.0;
    for (const model::Layer& layer : named.workload.layers) {
      executions += layer.executions();
      macs += static_cast<double>(layer.macs()) * static_cast<double>(layer.executions());
    }
    constexpr double kGiga = 1e9;
    table.rows.push_back({named.name,
                          static_cast<std::int64_t>(named.workload.layers.size()),
                          executions,
                          macs / kGiga});
  }
  return table;
}

Table method_list() {
  Table table;
  for (const char* title : {"name", "what it does"})
    table.columns.push_back({title, title, "", {}, Align::left});
  for (const search::Method& method : app::methods())
    table.rows.push_back({method.name, method.summary});
  return table;
}

Table layer_list(const model::Workload& workload) {
  Table table;
  table.columns = {{"layer", "layer", "", {}, Align::left}};
  for (model::Dim dim : model::kAllDims) {
    const std::string name(model::name(dim));
    table.columns.push_back({name, name, "", {}});
  }
  for (const char* title : {"stride", "dilation", "groups", "count", "MMACs"})
    table.columns.push_back({title, title, "", Format::significant()});
  for (const model::Layer& layer : workload.layers) {
    std::vector<Cell> row = {layer.name};
    for (model::Dim dim : model::kAllDims) row.emplace_back(layer.bounds[dim]);
    row.emplace_back(fmt::format("{}x{}", layer.stride_w, layer.stride_h));
    row.emplace_back(fmt::format("{}x{}", layer.dilation_w, layer.dilation_h));
    row.emplace_back(layer.groups);
    row.emplace_back(layer.count);
    constexpr double kMega = 1e6;
    row.emplace_back(static_cast<double>(layer.macs()) * static_cast<double>(layer.groups) / kMega);
    table.rows.push_back(std::move(row));
  }
  return table;
}

// Prints what a name or a file holds, each kind in its own way.
struct Printer {
  std::string path;
  bool as_json;

  void operator()(const model::Accelerator& accelerator) const {
    fmt::print("{}", accelerator_page(accelerator, as_json));
  }

  void operator()(const model::Workload& workload) const { print(layer_list(workload), as_json); }

  void operator()(const app::DesignInfo& info) const {
    if (as_json) {
      fmt::print("{}", app::design_text(info.design, info.accelerator));
      return;
    }
    fmt::print("{}made by {} {}\n",
               design_text(info.design, info.accelerator, terminal_columns(STDOUT_FILENO)),
               info.design.provenance.version,
               info.design.provenance.command);
  }

  void operator()(const app::ModelInfo& info) const {
    if (as_json) {
      fmt::print("{}\n", info.about.dump(2));
    } else {
      print_model(info.about);
    }
  }

  void operator()(const app::TableInfo& info) const {
    Table table;
    table.columns = {{"column", "column", "", {}, Align::left},
                     {"first row", "first row", "", {}, Align::left}};
    for (std::size_t c = 0; c < info.table.columns.size(); ++c)
      table.rows.push_back({info.table.columns[c], info.table.rows.front()[c]});
    if (!as_json) {
      fmt::print(
          "{}: {} rows\n", path, with_commas(static_cast<std::int64_t>(info.table.rows.size())));
    }
    print(table, as_json);
  }

 private:
  static void print_model(const ordered_json& about);
};

void Printer::print_model(const ordered_json& about) {
  const ordered_json& rows = about.at("rows");
  fmt::print("latency model for {}, program {}, caches: {}\n",
             about.at("accelerator").get<std::string>(),
             about.at("program").get<std::string>(),
             about.at("cache").get<std::string>());
  fmt::print("trained on {} rows of {} layers\n\n",
             rows.at("trained").get<std::int64_t>(),
             rows.at("layers").get<std::int64_t>());
  Table table;
  table.columns = {{"tier", "leave-layer-out", "", {}, Align::left},
                   {"median_ape_percent", "median %", "", Format::fixed(2)},
                   {"mape_percent", "MAPE %", "", Format::fixed(2)},
                   {"spearman", "Spearman", "", Format::fixed(4)}};
  for (const auto& [tier, metrics] : about.at("metrics").at("leave_layer_out").items()) {
    table.rows.push_back({tier,
                          metrics.at("median_ape_percent").get<double>(),
                          metrics.at("mape_percent").get<double>(),
                          metrics.at("spearman").get<double>()});
  }
  fmt::print("{}\nconstants (cycles)\n", to_text(table));
  for (const auto& [name, value] : about.at("constants").items())
    fmt::print("  {:<18} {:>9.3f}\n", name, value.get<double>());
  fmt::print("\nmade by {} {}\n",
             about.at("provenance").at("version").get<std::string>(),
             about.at("provenance").at("command").get<std::string>());
}

}  // namespace

int info_command(const Words& words) {
  Arguments arguments("info",
                      "Lists what is built in, or describes a file.\n",
                      "accelerators | workloads | methods | NAME | FILE");
  arguments.show_common({"format", "help"});
  arguments.set_footer(
      "\nExamples:\n  masala info accelerators\n  masala info resnet50\n  masala info "
      "out/design.json\n");
  if (!arguments.parse(words)) return 0;
  const std::vector<std::string> what = arguments.all("positional");
  if (what.size() != 1)
    arguments.fail("expected one of accelerators, workloads, methods, a name or a file");
  const bool as_json = arguments.common().json();
  if (what[0] == "accelerators") {
    print(accelerator_list(), as_json);
  } else if (what[0] == "workloads") {
    print(workload_list(), as_json);
  } else if (what[0] == "methods") {
    print(method_list(), as_json);
  } else {
    ProgressBar bar(true);
    std::visit(Printer{what[0], as_json}, app::describe(what[0], bar.monitor()));
  }
  return kExitOk;
}

}  // namespace masala::cli
