#include "io/design_layers.h"

#include "io/hardware_values.h"
#include "io/layer_fields.h"

namespace masala::io {
namespace {

using model::Layer;

FieldTable<Layer> shape_fields() {
  FieldTable<Layer> fields;
  add_bounds(fields);
  fields.required("stride", kWhole, width_and_height(kStride, false));
  fields.required("dilation", kWhole, width_and_height(kDilation, false));
  fields.required("groups", &Layer::groups, layer_size());
  return fields;
}

// An element of `layers`.
struct DesignLayer {
  Layer layer;
  model::Mapping mapping;
  LayerResult result;
};

// Of the layer, whose shape comes first. Checked to fit the machine where there is one.
Codec<DesignLayer> mapping(const DesignContext& context, const model::Machine& machine) {
  const auto read = [context, machine](const Field& field, DesignLayer& entry) {
    const auto text = field.text();
    if (!text) return;
    model::ParsedMapping parsed = model::parse_mapping(*text, context.accelerator);
    entry.mapping = parsed.mapping;
    if (parsed.problems.empty() && model::problems(entry.layer).empty()) {
      parsed.problems = model::problems(
          entry.mapping, entry.layer, context.accelerator, machine, context.factors);
    }
    for (const std::string& problem : parsed.problems) field.fail(problem);
  };
  const auto write = [context](const DesignLayer& entry) {
    return Json(model::to_text(entry.mapping, context.accelerator));
  };
  return {"text", read, write};
}

FieldTable<Confidence> confidence_fields() {
  FieldTable<Confidence> fields;
  fields.required("cycles_log_std", &Confidence::cycles_log_std, number(0.0))
      .means("with a trained model: its standard deviation of ln cycles; 0 where it knows none");
  fields.required("in_range", &Confidence::in_range, flag())
      .means("with a trained model: false where it extrapolates");
  return fields;
}

FieldTable<DesignLayer> layer_fields(const DesignContext& context, const model::Machine& machine) {
  std::vector<std::string> limits = {"compute"};
  for (const model::Level& level : context.accelerator.levels) limits.push_back(level.name);
  FieldTable<DesignLayer> fields;
  fields.required("name", inside(&DesignLayer::layer, &Layer::name), text())
      .means("as in the workload");
  fields.required("count", inside(&DesignLayer::layer, &Layer::count), layer_size())
      .means("as in the workload");
  fields.required("shape", &DesignLayer::layer, map_of(shape_fields()));
  fields.required("mapping", kWhole, mapping(context, machine))
      .means("[mapping text](#mapping-text)");
  fields.required("cycles", inside(&DesignLayer::result, &LayerResult::cycles), number(0.0))
      .means("of one execution of one group");
  fields.required("energy_uj", inside(&DesignLayer::result, &LayerResult::energy_uj), number(0.0))
      .means("of one execution of one group");
  fields
      .required("bottleneck",
                inside(&DesignLayer::result, &LayerResult::bottleneck),
                choice(limits, "a level, or `compute`"))
      .means("by the roofline");
  fields.together(inside(&DesignLayer::result, &LayerResult::confidence), confidence_fields());
  return fields;
}

}  // namespace

Codec<DesignFile> design_layers(const DesignContext& context) {
  const auto read = [context](const Field& field, DesignFile& design) {
    model::Hardware hardware = design.hardware;
    set_fixed_values(context.accelerator, context.target.fixed, hardware);
    const FieldTable<DesignLayer> fields =
        layer_fields(context, model::resolve(context.accelerator, hardware));
    for (const Field& item : field.list()) {
      DesignLayer entry;
      fields.read(item, entry);
      for (const std::string& problem : model::problems(entry.layer)) item.fail(problem);
      design.workload.layers.push_back(entry.layer);
      design.mappings.push_back(entry.mapping);
      design.results.push_back(entry.result);
    }
    if (field.is_list() && design.results.empty()) field.fail("empty; expected at least one layer");
  };
  const FieldTable<DesignLayer> fields = layer_fields(context, {});
  const auto write = [fields](const DesignFile& design) {
    Json json = Json::array();
    for (std::size_t i = 0; i < design.workload.layers.size(); ++i) {
      json.push_back(
          fields.write({design.workload.layers[i], design.mappings.at(i), design.results.at(i)}));
    }
    return json;
  };
  return {"list of maps", read, write, list_of(map_of(fields)).parts};
}

}  // namespace masala::io
