// Workloads in both forms: what is accepted is countable and survives being written.
#include "fuzz/fuzz_support.h"
#include "masala/io/workload_yaml.h"

using namespace masala;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::string written;
  fuzz::read_or_refuse([&] {
    const model::Workload workload = io::parse_workload(text, "fuzz.yaml");
    fuzz::require(!workload.layers.empty(), "a workload has layers");
    for (const model::Layer& layer : workload.layers) {
      fuzz::require(model::problems(layer).empty(), "layers are valid");
      fuzz::require(layer.macs() >= 1 && layer.executions() >= 1, "layers are countable");
    }
    written = io::to_yaml(workload);
  });
  if (written.empty()) return 0;
  const model::Workload again = io::parse_workload(written, "written.yaml");
  fuzz::require(io::to_yaml(again) == written, "writing and reading is the identity");
  return 0;
}
