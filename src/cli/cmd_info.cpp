// masala info: what there is, and what a file holds.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/design_report.h"
#include "cli/provenance.h"
#include "io/accelerator_yaml.h"
#include "io/csv.h"
#include "io/data_dir.h"
#include "io/design_json.h"
#include "io/file.h"
#include "io/input_error.h"
#include "io/text.h"
#include "io/workload_yaml.h"
#include "search/searcher.h"

namespace masala::cli {
namespace {

using nlohmann::ordered_json;

// A list that prints as a table or as JSON.
struct Listing {
  std::vector<std::pair<std::string, Align>> columns;
  std::vector<ordered_json> rows;  // objects with a value per column

  void print(Format format) const {
    if (format == Format::json) {
      fmt::print("{}\n", ordered_json(rows).dump(2));
      return;
    }
    TextTable table;
    for (const auto& [title, align] : columns) table.add_column(title, align);
    for (const ordered_json& row : rows) {
      std::vector<std::string> cells;
      for (const auto& [title, align] : columns) {
        const ordered_json& value = row.at(title);
        if (value.is_string()) {
          cells.push_back(value.get<std::string>());
        } else if (value.is_number_integer()) {
          cells.push_back(with_commas(value.get<std::int64_t>()));
        } else {
          cells.push_back(significant(value.get<double>()));
        }
      }
      table.add_row(std::move(cells));
    }
    fmt::print("{}", table.str());
  }
};

std::string range_text(const model::Range& range) {
  if (range.is_fixed()) return fmt::format("{}", range.min);
  return fmt::format("{}-{}{}", range.min, range.max, range.powers_of_two ? " (2^n)" : "");
}

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
  const model::Accelerator accelerator = io::read_accelerator(path);
  if (format == Format::console) {
    fmt::print("{}: {}\nMAC {} pJ; at the default hardware:\n",
               accelerator.name,
               accelerator.description,
               accelerator.mac_energy_pj);
  }
  const model::Hardware hardware = model::default_hardware(accelerator);
  const model::Machine machine = model::resolve(accelerator, hardware);
  Listing listing;
  listing.columns = {{"level", Align::left},
                     {"keeps", Align::left},
                     {"words/instance", Align::right},
                     {"KiB", Align::right},
                     {"words/cycle", Align::right},
                     {"pJ/block", Align::right},
                     {"words/block", Align::right},
                     {"spatial", Align::left}};
  for (int l = accelerator.num_levels() - 1; l >= 0; --l) {
    const auto i = static_cast<std::size_t>(l);
    const model::Level& level = accelerator.levels[i];
    std::string keeps;
    for (model::Operand operand : model::kAllOperands) {
      if (level.keeps[operand])
        keeps += (keeps.empty() ? "" : " ") + std::string(model::name(operand));
    }
    std::string spatial;
    for (const model::SpatialDim& s : level.spatial) {
      spatial += fmt::format("{}{} x{}",
                             spatial.empty() ? "" : ", ",
                             model::name(s.dim),
                             machine.spatial_limit[i][s.dim]);
    }
    const std::string unlimited = "unlimited";
    ordered_json row = {{"level", level.name}, {"keeps", keeps}};
    row["words/instance"] = machine.capacity_words[i] == 0
                                ? ordered_json(unlimited)
                                : ordered_json(machine.capacity_words[i]);
    row["KiB"] = level.is_sized() ? ordered_json(range_text(*level.kib)) : ordered_json("");
    row["words/cycle"] = level.bandwidth_words_per_cycle
                             ? ordered_json(machine.bandwidth_words_per_cycle[i])
                             : ordered_json(unlimited);
    row["pJ/block"] = machine.block_energy_pj[i];
    row["words/block"] = machine.block_words[i];
    row["spatial"] = spatial;
    listing.rows.push_back(row);
  }
  listing.print(format);
}

void describe_design(const std::string& path, Format format) {
  const LoadedAccelerator loaded = load_accelerator(io::design_accelerator_name(path));
  const io::DesignFile design = io::read_design(path, loaded.accelerator);
  if (format == Format::json) {
    fmt::print("{}\n", io::to_json(design, loaded.accelerator).dump(2));
    return;
  }
  fmt::print("{}made by {} {}\n",
             design_text(design, loaded.accelerator),
             design.provenance.version,
             design.provenance.command);
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
