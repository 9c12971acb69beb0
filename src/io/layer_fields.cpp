#include "io/layer_fields.h"

#include <fmt/format.h>

namespace masala::io {

using model::Layer;

Codec<std::int64_t> layer_size() {
  return integer(1, model::kMaxBound);
}

void add_bounds(FieldTable<Layer>& fields) {
  for (const LayerSize& size : kLayerSizes) {
    if (size.is_bound()) fields.required(size.key, size, layer_size()).means(size.meaning);
  }
}

Codec<Layer> width_and_height(WidthAndHeight sizes, bool may_be_one) {
  const auto read = [=](const Field& field, Layer& layer) {
    const Codec<std::int64_t> size = layer_size();
    if (may_be_one && !field.is_list()) {
      size.read(field, layer.*sizes.width);
      layer.*sizes.height = layer.*sizes.width;
      return;
    }
    const std::vector<Field> items = field.list();
    if (items.size() == 2) {
      size.read(items[0], layer.*sizes.width);
      size.read(items[1], layer.*sizes.height);
    } else if (may_be_one) {
      field.fail(
          fmt::format("got {} values; expected [w, h], or one integer for both", items.size()));
    } else if (field.is_list()) {
      field.expected("[w, h]");
    }
  };
  const auto write = [=](const Layer& layer) {
    return Json::array({layer.*sizes.width, layer.*sizes.height});
  };
  return {may_be_one ? "`[w, h]`, or one integer for both" : "`[w, h]`", read, write};
}

}  // namespace masala::io
