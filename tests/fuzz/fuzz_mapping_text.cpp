// Mapping texts: reading, printing and reading again is the identity, and a mapping that fits its
// layer and machine can be costed.
#include "fuzz/fuzz_support.h"

namespace {

using namespace masala;

// The layer that the mapping covers, with strides and dilations that depend on the text.
model::Layer covered_layer(const model::Mapping& mapping, std::size_t size) {
  model::Layer layer;
  for (model::Dim dim : model::kAllDims) layer.bounds[dim] = model::factor_product(mapping, dim);
  layer.stride_w = 1 + static_cast<std::int64_t>(size % 3);
  layer.stride_h = 1 + static_cast<std::int64_t>(size % 5);
  layer.dilation_w = 1 + static_cast<std::int64_t>(size % 2);
  layer.dilation_h = 1 + static_cast<std::int64_t>(size % 7);
  return layer;
}

// A layer whose last iterations the mapping may leave partly empty.
model::Layer slightly_smaller(model::Layer layer, std::size_t size) {
  for (model::Dim dim : model::kAllDims) {
    const auto less = static_cast<std::int64_t>(size % 4);
    if (layer.bounds[dim] > less) layer.bounds[dim] -= less;
  }
  return layer;
}

void check_costs(const model::Mapping& mapping, const model::Layer& layer, model::Factors factors) {
  if (!model::problems(layer).empty()) return;  // factor products beyond what is countable
  const model::Accelerator& accelerator = fuzz::gemmini();
  model::Hardware hardware = model::default_hardware(accelerator);
  for (const std::string& key : model::hardware_keys(accelerator)) {
    const model::Range& range = *model::hardware_range(accelerator, key);
    model::set_hardware_value(accelerator, hardware, key, static_cast<double>(range.max));
  }
  const model::Machine machine = model::resolve(accelerator, hardware);
  model::hardware_need(mapping, layer, accelerator);
  model::rule_violations(mapping, accelerator);
  if (model::problems(mapping, layer, accelerator, machine, factors).empty()) {
    fuzz::require_costable(mapping, layer, machine);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const model::ParsedMapping parsed = model::parse_mapping(text, fuzz::gemmini());
  if (!parsed.problems.empty()) return 0;
  const std::string printed = model::to_text(parsed.mapping, fuzz::gemmini());
  const model::ParsedMapping again = model::parse_mapping(printed, fuzz::gemmini());
  fuzz::require(again.problems.empty(), "a printed mapping parses");
  fuzz::require(fuzz::same(again.mapping, parsed.mapping), "reading and printing is the identity");
  fuzz::require(model::to_text(again.mapping, fuzz::gemmini()) == printed, "one text per mapping");
  const model::Layer layer = covered_layer(parsed.mapping, size);
  check_costs(parsed.mapping, layer, model::Factors::perfect);
  check_costs(parsed.mapping, slightly_smaller(layer, size), model::Factors::imperfect);
  return 0;
}
