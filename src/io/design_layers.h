// The layers of a design file.
#pragma once

#include "io/codecs.h"
#include "masala/io/design_json.h"

namespace masala::io {

// What a design is read or written for.
struct DesignContext {
  const model::Accelerator& accelerator;
  model::Factors factors = model::Factors::perfect;
  DesignTarget target = {};
};

// Layers, mappings and results of a design. The mappings are checked against the design's hardware,
// which must have been read before.
Codec<DesignFile> design_layers(const DesignContext& context);

}  // namespace masala::io
