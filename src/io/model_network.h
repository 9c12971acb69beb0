// The networks of a model file.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "learned/ensemble.h"

namespace masala::io {

nlohmann::ordered_json ensemble_to_json(const learned::Ensemble& ensemble,
                                        const std::vector<std::string>& features);

// Throws a std::exception that says what is wrong.
std::shared_ptr<const learned::Ensemble> ensemble_from_json(const nlohmann::ordered_json& json,
                                                            std::vector<std::string>& features);

}  // namespace masala::io
