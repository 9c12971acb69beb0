// Accelerator descriptions as YAML (docs/formats.md).
#pragma once

#include <string>
#include <vector>

#include "masala/io/field_description.h"
#include "masala/model/accelerator.h"

namespace masala::io {

model::Accelerator read_accelerator(const std::string& path);
// `path` names the text in messages.
model::Accelerator parse_accelerator(const std::string& text, const std::string& path);

// parse_accelerator(to_yaml(a)) is a again.
std::string to_yaml(const model::Accelerator& accelerator);

std::vector<FieldDescription> describe_accelerators();

}  // namespace masala::io
