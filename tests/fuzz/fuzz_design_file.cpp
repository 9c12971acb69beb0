// Designs: what is accepted can be costed and survives being written.
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
  std::string json;
  fuzz::read_or_refuse([&] {
    const io::DesignFile design = io::parse_design(text, "fuzz.json", fuzz::gemmini());
    check_costs(design);
    json = io::to_json(design, fuzz::gemmini()).dump(2);
  });
  if (json.empty()) return 0;
  const io::DesignFile again = io::parse_design(json, "written.json", fuzz::gemmini());
  fuzz::require(io::to_json(again, fuzz::gemmini()).dump(2) == json,
                "writing and reading is the identity");
  return 0;
}
