// masala info: what there is, and what a file holds.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/accelerator_page.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/design_report.h"
#include "cli/listing.h"
#include "cli/provenance.h"
#include "io/accelerator_yaml.h"
#include "io/csv.h"
#include "io/data_dir.h"
#include "io/design_json.h"
#include "io/file.h"
#include "io/input_error.h"
#include "io/model_file.h"
#include "io/text.h"
#include "io/workload_yaml.h"
#include "search/searcher.h"

namespace masala::cli {
namespace {

using nlohmann::ordered_json;

void list_accelerators(Format format) {
  Listing listing;
  listing.columns = {{"name", Align::left},
                     {"levels", Align::left},
                     {"hardware", Align::left},
                     {"description", Align::left}};
  for (const io::DataFile& file : io::builtin_files("accelerators")) {
    const model::Accelerator accelerator = io::read_accelerator(file.path);
    std::string levels;
    for (const model::Level& level : accelerator.levels)
      levels += (levels.empty() ? "" : " ") + level.name;
    std::string hardware;
    for (const std::string& key : model::hardware_keys(accelerator)) {
      hardware += (hardware.empty() ? "" : ", ") + key + " " +
                  range_text(*model::hardware_range(accelerator, key));
    }
    listing.rows.push_back({{"name", file.name},
                            {"levels", levels},
                            {"hardware", hardware},
                            {"description", accelerator.description}});
  }
  listing.print(format);
}

void list_workloads(Format format) {
  Listing listing;
  listing.columns = {{"name", Align::left},
                     {"layers", Align::right},
                     {"executions", Align::right},
                     {"GMACs", Align::right}};
  for (const io::DataFile& file : io::builtin_files("workloads")) {
    const model::Workload workload = io::read_workload(file.path);
    std::int64_t executions = 0;
    double macs = 0.0;
    for (const model::Layer& layer : workload.layers) {
      executions += layer.executions();
      macs += static_cast<double>(layer.macs()) * static_cast<double>(layer.executions());
    }
    constexpr double kGiga = 1e9;
    listing.rows.push_back({{"name", file.name},
                            {"layers", static_cast<std::int64_t>(workload.layers.size())},
                            {"executions", executions},
                            {"GMACs", macs / kGiga}});
  }
  listing.print(format);
}

void list_methods(Format format) {
  Listing listing;
  listing.columns = {{"name", Align::left}, {"what it does", Align::left}};
  for (const search::Method& method : search::methods()) {
    listing.rows.push_back({{"name", method.name}, {"what it does", method.summary}});
  }
  listing.print(format);
}

void describe_workload(const std::string& path, Format format) {
  Listing listing;
  listing.columns = {{"layer", Align::left}};
  for (model::Dim dim : model::kAllDims)
    listing.columns.emplace_back(std::string(model::name(dim)), Align::right);
  for (const char* title : {"stride", "dilation", "groups", "count", "MMACs"})
    listing.columns.emplace_back(title, Align::right);
  const model::Workload workload = io::read_workload(path);
  for (const model::Layer& layer : workload.layers) {
    ordered_json row = {{"layer", layer.name}};
    for (model::Dim dim : model::kAllDims) row[std::string(model::name(dim))] = layer.bounds[dim];
    row["stride"] = fmt::format("{}x{}", layer.stride_w, layer.stride_h);
    row["dilation"] = fmt::format("{}x{}", layer.dilation_w, layer.dilation_h);
    row["groups"] = layer.groups;
    row["count"] = layer.count;
    constexpr double kMega = 1e6;
    row["MMACs"] = static_cast<double>(layer.macs()) * static_cast<double>(layer.groups) / kMega;
    listing.rows.push_back(row);
  }
  listing.print(format);
}

void describe_accelerator(const std::string& path, Format format) {
  fmt::print("{}", accelerator_page(io::read_accelerator(path), format));
}

void describe_design(const std::string& path, Format format) {
  const LoadedAccelerator loaded = load_accelerator(io::design_accelerator_name(path));
  const io::DesignFile design = io::read_design(path, loaded.accelerator);
  if (format == Format::json) {
    fmt::print("{}\n", io::to_json(design, loaded.accelerator).dump(2));
    return;
  }
  fmt::print("{}made by {} {}\n",
             design_text(design, loaded.accelerator, terminal_columns()),
             design.provenance.version,
             design.provenance.command);
}

// What a trained model was fitted to, how well it predicts, and its constants.
void describe_model(const std::string& text, const std::string& path, Format format) {
  const nlohmann::ordered_json about = io::model_about(text, path);
  if (format == Format::json) {
    fmt::print("{}\n", about.dump(2));
    return;
  }
  const auto& rows = about.at("rows");
  fmt::print("latency model for {}, program {}, caches: {}\n",
             about.at("accelerator").get<std::string>(),
             about.at("program").get<std::string>(),
             about.at("cache").get<std::string>());
  fmt::print("trained on {} rows of {} layers\n\n",
             rows.at("trained").get<std::int64_t>(),
             rows.at("layers").get<std::int64_t>());
  TextTable table;
  table.add_column("leave-layer-out", Align::left);
  for (const char* title : {"median %", "MAPE %", "Spearman"}) table.add_column(title);
  for (const auto& [tier, metrics] : about.at("metrics").at("leave_layer_out").items()) {
    table.add_row({tier,
                   fmt::format("{:.2f}", metrics.at("median_ape_percent").get<double>()),
                   fmt::format("{:.2f}", metrics.at("mape_percent").get<double>()),
                   fmt::format("{:.4f}", metrics.at("spearman").get<double>())});
  }
  fmt::print("{}\nconstants (cycles)\n", table.str());
  for (const auto& [name, value] : about.at("constants").items())
    fmt::print("  {:<18} {:>9.3f}\n", name, value.get<double>());
  fmt::print("\nmade by {} {}\n",
             about.at("provenance").at("version").get<std::string>(),
             about.at("provenance").at("command").get<std::string>());
}

bool ends_with(const std::string& text, const std::string& suffix) {
  return text.size() >= suffix.size() &&
         text.compare(text.size() - suffix.size(), suffix.size(), suffix) == 0;
}

void describe_table(const std::string& path, Format format) {
  const io::CsvTable table = io::read_csv(path);
  Listing listing;
  listing.columns = {{"column", Align::left}, {"first row", Align::left}};
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    listing.rows.push_back({{"column", table.columns[c]}, {"first row", table.rows.front()[c]}});
  }
  if (format == Format::console)
    fmt::print("{}: {} rows\n", path, with_commas(static_cast<std::int64_t>(table.rows.size())));
  listing.print(format);
}

bool is_builtin(std::string_view kind, const std::string& name) {
  const std::vector<std::string> names = io::builtin_names(kind);
  return std::find(names.begin(), names.end(), name) != names.end();
}

void describe(const std::string& what, Format format) {
  if (is_builtin("accelerators", what))
    return describe_accelerator(io::resolve_data_path("accelerators", what), format);
  if (is_builtin("workloads", what))
    return describe_workload(io::resolve_data_path("workloads", what), format);
  if (ends_with(what, ".csv")) return describe_table(what, format);
  std::error_code ignored;
  if (what.find_first_of("/.") == std::string::npos && !std::filesystem::exists(what, ignored)) {
    std::vector<std::string> names = io::builtin_names("accelerators");
    for (std::string& name : io::builtin_names("workloads")) names.push_back(std::move(name));
    throw io::InputError(fmt::format(
        "{}: neither built in nor a file; expected a name that `masala info accelerators` or "
        "`masala info workloads` lists, or a path{}",
        io::shown(what),
        io::did_you_mean(what, names)));
  }
  const std::string text = io::read_file(what);
  if (io::is_model_text(text)) return describe_model(text, what, format);
  if (text.find("masala.design/") != std::string::npos) return describe_design(what, format);
  // Of the two kinds of YAML, only an accelerator has levels.
  if (text.find("levels:") != std::string::npos) return describe_accelerator(what, format);
  describe_workload(what, format);
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
  if (what.size() != 1) {
    throw UsageError(
        "masala info: expected one of accelerators, workloads, methods, a name or a file\n"
        "See: masala info --help");
  }
  const Format format = arguments.common().format;
  if (what[0] == "accelerators") {
    list_accelerators(format);
  } else if (what[0] == "workloads") {
    list_workloads(format);
  } else if (what[0] == "methods") {
    list_methods(format);
  } else {
    describe(what[0], format);
  }
  return 0;
}

}  // namespace masala::cli
