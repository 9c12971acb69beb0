#include "masala/io/workload_yaml.h"

#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "io/file.h"
#include "io/layer_fields.h"
#include "io/yaml_writer.h"
#include "masala/io/text.h"

namespace masala::io {
namespace {

using model::Dim;
using model::Layer;
using model::Workload;

// How other tools name the sizes of a layer.
const std::vector<Spelling>& other_spellings() {
  const std::string outputs =
      "P and Q, the output sizes: P = (W + 2 pad - R) / stride + 1, Q = (H + 2 pad - S) / stride + "
      "1";
  static const std::vector<Spelling> spellings = {
      {"H", {"P", "Q"}, outputs},
      {"W", {"P", "Q"}, outputs},
      {"padding", {"P", "Q"}, outputs},
      {"pad", {"P", "Q"}, outputs},
      {"M",
       {"R", "S", "P", "Q", "C"},
       "rows of a matrix multiply as P: of M x K by K x N, P is M, C is K, K is N, and R, S, Q and "
       "N are 1"},
      {"kernel", {"R", "S"}, "R and S, the width and height of the filter"},
      {"kernel_size", {"R", "S"}, "R and S, the width and height of the filter"},
      {"in_channels", {"C"}, "C, the input channels of one group"},
      {"out_channels", {"K"}, "K, the output channels of one group"},
      {"batch", {"N"}, "N"},
      {"batch_size", {"N"}, "N"},
  };
  return spellings;
}

FieldTable<Layer> layer_fields() {
  FieldTable<Layer> fields(&other_spellings());
  fields.required("name", &Layer::name, text()).means("distinct within the file");
  add_bounds(fields);
  fields.optional("stride", kWhole, width_and_height(kStride, true));
  fields.optional("dilation", kWhole, width_and_height(kDilation, true));
  fields.optional("groups", &Layer::groups, layer_size())
      .means(
          "the layer costs `groups` times one group; a depthwise layer is `C: 1, K: 1, groups: "
          "channels`");
  fields.optional("count", &Layer::count, layer_size()).means("how often the layer occurs");
  return fields;
}

// Timeloop's `problem`. Its shape names the loop nest, which is always ours.
FieldTable<Layer> flat_problem_fields() {
  FieldTable<Layer> fields(&other_spellings());
  for (const LayerSize& size : kLayerSizes) {
    if (size.member != &Layer::groups) fields.optional(size.key, size, layer_size());
  }
  const Codec<Layer> anything = {
      "anything", [](const Field&, Layer&) {}, [](const Layer&) { return Json(); }};
  fields.optional("shape", kWhole, anything);
  return fields;
}

// A map of fields that together make up a layer that can be modelled.
Codec<Layer> layer_of(const FieldTable<Layer>& fields) {
  Codec<Layer> codec = map_of(fields);
  codec.read = [fields](const Field& field, Layer& layer) {
    fields.read(field, layer);
    for (const std::string& problem : model::problems(layer)) field.fail(problem);
  };
  return codec;
}

bool is_grouped_convolution(const Layer& layer) {
  return layer.groups > 1 && (layer.bounds[Dim::R] > 1 || layer.bounds[Dim::S] > 1);
}

// Whether C and K of a layer could be those of all groups together, as elsewhere.
bool could_count_all_groups(const Layer& layer) {
  return layer.bounds[Dim::C] % layer.groups == 0 && layer.bounds[Dim::K] % layer.groups == 0;
}

// A depthwise layer with all its channels as C is `groups` times the work that was meant. One
// grouped layer whose C or K can only be of one group shows that the file knows.
void warn_of_depthwise(const std::vector<Field>& fields, const std::vector<Layer>& layers) {
  for (const Layer& layer : layers) {
    if (is_grouped_convolution(layer) && !could_count_all_groups(layer)) return;
  }
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Layer& layer = layers[i];
    const std::int64_t inputs = layer.bounds[Dim::C];
    const std::int64_t outputs = layer.bounds[Dim::K];
    if (!is_grouped_convolution(layer) || inputs != layer.groups) continue;
    fields[i].warn(
        fmt::format("C and K are of one group: {0} groups of {0} input and {1} output "
                    "channels; expected C: 1, K: {2}, groups: {0} if it is depthwise",
                    layer.groups,
                    outputs,
                    outputs / layer.groups));
  }
}

void read_layers(const Field& field, std::vector<Layer>& layers) {
  const Codec<Layer> codec = layer_of(layer_fields());
  std::set<std::string> names;
  const std::vector<Field> fields = field.list();
  for (const Field& item : fields) {
    Layer& layer = layers.emplace_back();
    codec.read(item, layer);
    if (!layer.name.empty() && !names.insert(layer.name).second) {
      item.fail("name " + shown(layer.name) + " given twice; expected distinct layer names");
    }
  }
  if (field.is_list() && layers.empty()) field.fail("empty; expected at least one layer");
  warn_of_depthwise(fields, layers);
}

FieldTable<Workload> workload_fields() {
  Codec<std::vector<Layer>> layers = list_of(layer_of(layer_fields()));
  layers.read = read_layers;
  FieldTable<Workload> fields;
  fields.required("name", &Workload::name, text());
  fields.required("layers", &Workload::layers, layers).means("at least one");
  return fields;
}

}  // namespace

Workload parse_workload(const std::string& text, const std::string& path, Warnings* warnings) {
  const Document document = parse_yaml(text, path);
  Problems problems(warnings);
  Workload workload;
  const Field root = root_field(document, problems);
  if (root.has("problem")) {
    FieldTable<Layer> fields;
    fields.required("problem", kWhole, layer_of(flat_problem_fields()));
    fields.read(root, workload.layers.emplace_back());
    workload.name = workload.layers[0].name = std::filesystem::path(path).stem();
  } else {
    workload_fields().read(root, workload);
  }
  problems.throw_if_any();
  return workload;
}

Workload read_workload(const std::string& path, Warnings* warnings) {
  return parse_workload(read_file(path), path, warnings);
}

std::string to_yaml(const Workload& workload) {
  return yaml_from_json(workload_fields().write(workload), {"layers"});
}

std::vector<FieldDescription> describe_workloads() {
  return workload_fields().describe();
}

}  // namespace masala::io
