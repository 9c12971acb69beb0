#include "support/builders.h"

#include <sstream>
#include <stdexcept>

namespace masala::testing {

model::Layer layer_of(std::string_view bounds) {
  model::Layer layer;
  layer.name = "layer";
  std::istringstream words{std::string(bounds)};
  for (std::string word; words >> word;) {
    const auto dim = model::dim_from_letter(word.front());
    if (!dim) throw std::invalid_argument("layer_of: " + word);
    layer.bounds[*dim] = std::stoll(word.substr(1));
  }
  return layer;
}

model::Mapping mapping_of(std::string_view text, const model::Accelerator& accelerator) {
  model::ParsedMapping parsed = model::parse_mapping(text, accelerator);
  if (!parsed.problems.empty()) throw std::invalid_argument(parsed.problems.front());
  return parsed.mapping;
}

model::Hardware hardware_of(const model::Accelerator& accelerator,
                            std::initializer_list<std::pair<std::string_view, double>> values) {
  model::Hardware hardware = model::default_hardware(accelerator);
  for (const auto& [key, value] : values) {
    if (!model::set_hardware_value(accelerator, hardware, key, value)) {
      throw std::invalid_argument("hardware_of: " + std::string(key));
    }
  }
  return hardware;
}

}  // namespace masala::testing
