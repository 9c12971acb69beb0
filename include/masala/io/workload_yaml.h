// Workloads as YAML (docs/formats.md): our list of layers, or Timeloop's flat `problem`.
#pragma once

#include <string>
#include <vector>

#include "masala/io/field_description.h"
#include "masala/io/input_error.h"
#include "masala/model/layer.h"

namespace masala::io {

// Warns of layers that are legal and probably not what was meant.
model::Workload read_workload(const std::string& path, Warnings* warnings = nullptr);
// `path` names the text in messages, and the layer of a flat `problem`.
model::Workload parse_workload(const std::string& text,
                               const std::string& path,
                               Warnings* warnings = nullptr);

// parse_workload(to_yaml(w)) is w again.
std::string to_yaml(const model::Workload& workload);

// Of our own form.
std::vector<FieldDescription> describe_workloads();

}  // namespace masala::io
