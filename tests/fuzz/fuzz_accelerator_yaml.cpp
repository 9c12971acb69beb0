// Accelerator descriptions: what is accepted resolves to a machine and survives being written.
#include "fuzz/fuzz_support.h"

namespace {

using namespace masala;

void check_ranges(const model::Accelerator& accelerator) {
  for (const std::string& key : model::hardware_keys(accelerator)) {
    const model::Range& range = *model::hardware_range(accelerator, key);
    fuzz::require(range.contains(range.fallback), "the default is of the range");
    const double middle = 0.5 * static_cast<double>(range.min + range.max);
    const auto rounded = range.round_up(middle);
    fuzz::require(!rounded || range.contains(*rounded), "rounding stays in the range");
  }
}

void check_machine(const model::Accelerator& accelerator) {
  const model::Hardware hardware = model::default_hardware(accelerator);
  const model::Machine machine = model::resolve(accelerator, hardware);
  for (int level = 0; level < machine.num_levels; ++level) {
    fuzz::require(machine.capacity_words[level] >= 0, "capacity >= 0");
    fuzz::require(machine.block_words[level] >= 1.0, "a block has a word");
    for (model::Dim dim : model::kAllDims) {
      fuzz::require(machine.spatial_limit[level][dim] >= 1, "fan-out >= 1");
    }
  }
  model::area_mm2(accelerator, hardware);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::string written;
  fuzz::read_or_refuse([&] {
    const model::Accelerator accelerator = io::parse_accelerator(text, "fuzz.yaml");
    check_ranges(accelerator);
    check_machine(accelerator);
    written = io::to_yaml(accelerator);
  });
  if (written.empty()) return 0;
  const model::Accelerator again = io::parse_accelerator(written, "written.yaml");
  fuzz::require(io::to_yaml(again) == written, "writing and reading is the identity");
  return 0;
}
