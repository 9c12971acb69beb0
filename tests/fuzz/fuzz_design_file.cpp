// Designs, as JSON where the text starts like it and as YAML otherwise: what is accepted can be
// costed and survives being written in both forms.
#include <nlohmann/json.hpp>

#include "fuzz/fuzz_support.h"
#include "masala/io/design_json.h"

namespace {

using namespace masala;

void check_costs(const io::DesignFile& design) {
  const model::Machine machine = model::resolve(fuzz::gemmini(), design.hardware);
  fuzz::require(design.mappings.size() == design.workload.layers.size(), "a mapping per layer");
  fuzz::require(design.results.size() == design.workload.layers.size(), "a result per layer");
  for (std::size_t i = 0; i < design.mappings.size(); ++i) {
    fuzz::require_costable(design.mappings[i], design.workload.layers[i], machine);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const bool is_json = !text.empty() && text[0] == '{';
  std::string json;
  std::string yaml;
  fuzz::read_or_refuse([&] {
    const io::DesignFile design =
        io::parse_design(text, is_json ? "fuzz.json" : "fuzz.yaml", fuzz::gemmini());
    check_costs(design);
    json = io::to_json(design, fuzz::gemmini()).dump(2);
    yaml = io::to_yaml(design, fuzz::gemmini());
  });
  if (json.empty()) return 0;
  const io::DesignFile from_json = io::parse_design(json, "written.json", fuzz::gemmini());
  fuzz::require(io::to_json(from_json, fuzz::gemmini()).dump(2) == json, "JSON is the identity");
  const io::DesignFile from_yaml = io::parse_design(yaml, "written.yaml", fuzz::gemmini());
  fuzz::require(io::to_json(from_yaml, fuzz::gemmini()).dump(2) == json, "YAML is the identity");
  return 0;
}
