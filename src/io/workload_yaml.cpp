#include "masala/io/workload_yaml.h"

#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "io/field_reader.h"
#include "io/file.h"
#include "io/yaml_writer.h"
#include "masala/io/text.h"

namespace masala::io {
namespace {

using model::Dim;
using model::kMaxBound;
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

std::int64_t read_bound(const Field& field) {
  return field.integer(1, kMaxBound).value_or(1);
}

// [w, h], or one number for both.
void read_pair(const Field& field, std::int64_t& w, std::int64_t& h) {
  if (!field.is_present()) return;
  if (!field.is_list()) {
    w = h = read_bound(field);
    return;
  }
  const std::vector<Field> items = field.list();
  if (items.size() != 2) {
    field.fail(
        fmt::format("got {} values; expected [w, h], or one integer for both", items.size()));
    return;
  }
  w = read_bound(items[0]);
  h = read_bound(items[1]);
}

void check_layer(const Field& field, const Layer& layer) {
  for (const std::string& problem : model::problems(layer)) field.fail(problem);
}

Layer read_layer(const Field& field) {
  Layer layer;
  MapReader map(field, &other_spellings());
  layer.name = map.required("name").text().value_or("");
  for (Dim dim : model::kAllDims) {
    layer.bounds[dim] = read_bound(map.required(std::string(model::name(dim))));
  }
  read_pair(map.optional("stride"), layer.stride_w, layer.stride_h);
  read_pair(map.optional("dilation"), layer.dilation_w, layer.dilation_h);
  layer.groups = read_bound(map.optional("groups"));
  layer.count = read_bound(map.optional("count"));
  map.finish();
  check_layer(field, layer);
  return layer;
}

// Timeloop's `problem`: bounds by letter, 1 where missing. Its shape names the loop nest, which is
// always ours.
Layer read_flat_problem(const Field& field) {
  Layer layer;
  MapReader map(field, &other_spellings());
  for (Dim dim : model::kAllDims) {
    layer.bounds[dim] = read_bound(map.optional(std::string(model::name(dim))));
  }
  layer.stride_w = read_bound(map.optional("Wstride"));
  layer.stride_h = read_bound(map.optional("Hstride"));
  layer.dilation_w = read_bound(map.optional("Wdilation"));
  layer.dilation_h = read_bound(map.optional("Hdilation"));
  map.optional("shape");
  map.finish();
  check_layer(field, layer);
  return layer;
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

std::vector<Layer> read_layers(const Field& field) {
  std::vector<Layer> layers;
  std::set<std::string> names;
  const std::vector<Field> fields = field.list();
  for (const Field& item : fields) {
    layers.push_back(read_layer(item));
    const std::string& name = layers.back().name;
    if (!name.empty() && !names.insert(name).second) {
      item.fail("name " + shown(name) + " given twice; expected distinct layer names");
    }
  }
  if (field.is_list() && layers.empty()) field.fail("empty; expected at least one layer");
  warn_of_depthwise(fields, layers);
  return layers;
}

std::string pair_text(std::string_view key, std::int64_t w, std::int64_t h) {
  return w == 1 && h == 1 ? "" : fmt::format(", {}: [{}, {}]", key, w, h);
}

}  // namespace

Workload parse_workload(const std::string& text, const std::string& path, Warnings* warnings) {
  const Document document = parse_yaml(text, path);
  Problems problems(warnings);
  Workload workload;
  MapReader map(root_field(document, problems));
  if (map.has("problem")) {
    workload.name = std::filesystem::path(path).stem();
    workload.layers = {read_flat_problem(map.required("problem"))};
    workload.layers[0].name = workload.name;
  } else {
    workload.name = map.required("name").text().value_or("");
    workload.layers = read_layers(map.required("layers"));
  }
  map.finish();
  problems.throw_if_any();
  return workload;
}

Workload read_workload(const std::string& path, Warnings* warnings) {
  return parse_workload(read_file(path), path, warnings);
}

std::string to_yaml(const Workload& workload) {
  std::string out = fmt::format("name: {}\nlayers:\n", yaml_scalar(workload.name));
  for (const Layer& layer : workload.layers) {
    out += fmt::format("  - {{name: {}", yaml_scalar(layer.name));
    for (Dim dim : model::kAllDims) {
      out += fmt::format(", {}: {}", model::name(dim), layer.bounds[dim]);
    }
    out += pair_text("stride", layer.stride_w, layer.stride_h);
    out += pair_text("dilation", layer.dilation_w, layer.dilation_h);
    if (layer.groups != 1) out += fmt::format(", groups: {}", layer.groups);
    if (layer.count != 1) out += fmt::format(", count: {}", layer.count);
    out += "}\n";
  }
  return out;
}

}  // namespace masala::io
