// Trained latency models as files: `masala.model/1` (docs/formats.md).
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "masala/learned/trained_model.h"
#include "masala/model/accelerator.h"

namespace masala::io {

inline constexpr std::string_view kModelSchema = "masala.model/1";

// The text of a model file. `about`: the training report and provenance, kept as they are.
std::string to_model_text(const learned::TrainedModel& trained,
                          const model::Accelerator& accelerator,
                          const nlohmann::ordered_json& about);

struct ModelFile {
  learned::TrainedModel trained;
  std::string accelerator_name;
};

// Throws an InputError that says why: not a model file, of a newer or older schema, damaged, of
// other constants or features, or of another accelerator (naming the first difference). Models from
// before the state of the caches was kept are of warm ones.
ModelFile read_model(const std::string& path, const model::Accelerator& accelerator);
ModelFile parse_model(const std::string& text,
                      const std::string& path,
                      const model::Accelerator& accelerator);

// Whether the text is a model file of any schema, and what it says about its training.
bool is_model_text(std::string_view text);
nlohmann::ordered_json model_about(const std::string& text, const std::string& path);

}  // namespace masala::io
