// What is built in, and what a file holds.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "masala/io/csv.h"
#include "masala/io/design_json.h"
#include "masala/model/accelerator.h"
#include "masala/model/layer.h"
#include "masala/model/monitor.h"
#include "masala/search/searcher.h"

namespace masala::app {

struct NamedAccelerator {
  std::string name;  // as the user writes it
  model::Accelerator accelerator;
};
struct NamedWorkload {
  std::string name;
  model::Workload workload;
};
std::vector<NamedAccelerator> builtin_accelerators();
std::vector<NamedWorkload> builtin_workloads();
using search::methods;

// What a trained model says of itself: what it was fitted to, how well it predicts, its constants.
struct ModelInfo {
  nlohmann::ordered_json about;
};
struct DesignInfo {
  model::Accelerator accelerator;
  io::DesignFile design;
};
struct TableInfo {
  io::CsvTable table;
};
using Description =
    std::variant<model::Accelerator, model::Workload, DesignInfo, ModelInfo, TableInfo>;

// Of a built-in name, or of a file of any kind that Masala reads.
Description describe(const std::string& name_or_path, const model::Monitor& monitor);

}  // namespace masala::app
