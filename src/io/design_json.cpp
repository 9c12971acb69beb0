#include "masala/io/design_json.h"

#include <algorithm>
#include <filesystem>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "io/design_hardware.h"
#include "io/field_reader.h"
#include "io/file.h"
#include "io/hardware_values.h"
#include "masala/io/text.h"
#include "masala/search/space/objective.h"

namespace masala::io {
namespace {

using model::Accelerator;
using model::Layer;

constexpr std::int64_t kMaxCount = std::numeric_limits<std::int64_t>::max();

Document parse_document(const std::string& text, const std::string& path) {
  const std::string extension = std::filesystem::path(path).extension();
  const bool is_yaml = extension == ".yaml" || extension == ".yml";
  return is_yaml ? parse_yaml(text, path) : parse_json(text, path);
}

std::string read_text(const Field& field) {
  return field.text().value_or("");
}
std::string read_any_text(const Field& field) {
  return field.possibly_empty_text().value_or("");
}
double read_amount(const Field& field) {
  return field.number(0.0).value_or(0.0);
}

// One of the names, or a report.
std::string read_choice(const Field& field, const std::vector<std::string>& names) {
  const auto text = field.text();
  if (text && std::find(names.begin(), names.end(), *text) == names.end()) {
    field.expected(fmt::format("{}{}", fmt::join(names, ", "), did_you_mean(*text, names)));
  }
  return text.value_or("");
}

// The number of a schema like ours, or nothing where it is the schema of something else.
std::optional<std::int64_t> schema_version(std::string_view schema) {
  const std::size_t stem = kDesignSchema.rfind('/') + 1;
  if (schema.substr(0, stem) != kDesignSchema.substr(0, stem)) return std::nullopt;
  return parse_integer(schema.substr(stem));
}

void read_schema(const Field& field) {
  const auto text = field.text();
  if (!text || *text == kDesignSchema) return;
  const auto version = schema_version(*text);
  if (!version) return field.expected(shown(kDesignSchema) + ", of a design file");
  const bool is_newer = *version > *schema_version(kDesignSchema);
  field.expected(fmt::format("{}: {}",
                             shown(kDesignSchema),
                             is_newer ? "a newer masala wrote it, and is needed to read it"
                                      : "it is of an older masala, and to be searched anew"));
}

void read_accelerator(const Field& field,
                      const Accelerator& accelerator,
                      bool is_any,
                      DesignFile& design) {
  MapReader map(field);
  const Field name = map.required("name");
  design.accelerator_name = read_text(name);
  if (!is_any && !design.accelerator_name.empty() && design.accelerator_name != accelerator.name) {
    name.expected("the accelerator in use, " + accelerator.name);
  }
  design.accelerator_sha256 = read_any_text(map.required("sha256"));
  map.finish();
}

DesignTotals read_totals(const Field& field) {
  DesignTotals totals;
  MapReader map(field);
  totals.cycles = read_amount(map.required("cycles"));
  totals.energy_uj = read_amount(map.required("energy_uj"));
  totals.edp_uj_cycles = read_amount(map.required("edp_uj_cycles"));
  const Field area = map.required("area_mm2");
  if (!area.is_null()) totals.area_mm2 = area.number(0.0);
  map.finish();
  return totals;
}

std::int64_t read_bound(const Field& field) {
  return field.integer(1, model::kMaxBound).value_or(1);
}

void read_pair(const Field& field, std::int64_t& w, std::int64_t& h) {
  if (!field.is_present()) return;
  const std::vector<Field> items = field.list();
  if (field.is_list() && items.size() != 2) field.expected("[w, h]");
  if (items.size() != 2) return;
  w = read_bound(items[0]);
  h = read_bound(items[1]);
}

void read_shape(const Field& field, Layer& layer) {
  MapReader map(field);
  for (model::Dim dim : model::kAllDims) {
    layer.bounds[dim] = read_bound(map.required(std::string(model::name(dim))));
  }
  read_pair(map.required("stride"), layer.stride_w, layer.stride_h);
  read_pair(map.required("dilation"), layer.dilation_w, layer.dilation_h);
  layer.groups = read_bound(map.required("groups"));
  map.finish();
}

// Both keys or none.
std::optional<Confidence> read_confidence(MapReader& map) {
  if (!map.has("cycles_log_std") && !map.has("in_range")) return std::nullopt;
  Confidence confidence;
  confidence.cycles_log_std = read_amount(map.required("cycles_log_std"));
  confidence.in_range = map.required("in_range").flag().value_or(true);
  return confidence;
}

void read_layer(const Field& field,
                const Accelerator& accelerator,
                const model::Machine& machine,
                model::Factors factors,
                DesignFile& design) {
  Layer layer;
  LayerResult result;
  MapReader map(field);
  layer.name = read_text(map.required("name"));
  layer.count = read_bound(map.required("count"));
  read_shape(map.required("shape"), layer);
  const Field mapping_field = map.required("mapping");
  const auto mapping_text = mapping_field.text();
  result.cycles = read_amount(map.required("cycles"));
  result.energy_uj = read_amount(map.required("energy_uj"));
  std::vector<std::string> limits = {"compute"};
  for (const model::Level& level : accelerator.levels) limits.push_back(level.name);
  result.bottleneck = read_choice(map.required("bottleneck"), limits);
  result.confidence = read_confidence(map);
  map.finish();

  model::ParsedMapping parsed;
  const std::vector<std::string> layer_problems = model::problems(layer);
  for (const std::string& problem : layer_problems) field.fail(problem);
  if (mapping_text) {
    parsed = model::parse_mapping(*mapping_text, accelerator);
    for (const std::string& problem : parsed.problems) mapping_field.fail(problem);
    if (parsed.problems.empty() && layer_problems.empty()) {
      for (const std::string& problem :
           model::problems(parsed.mapping, layer, accelerator, machine, factors)) {
        mapping_field.fail(problem);
      }
    }
  }
  design.workload.layers.push_back(layer);
  design.mappings.push_back(parsed.mapping);
  design.results.push_back(result);
}

std::optional<LatencyFile> read_latency_file(const Field& field) {
  if (!field.is_present() || field.is_null()) return std::nullopt;
  MapReader map(field);
  LatencyFile file{read_text(map.required("path")), read_text(map.required("sha256"))};
  map.finish();
  return file;
}

SearchRecord read_search(const Field& field) {
  SearchRecord search;
  MapReader map(field);
  search.method = read_text(map.required("method"));
  search.seed = map.required("seed").unsigned_integer().value_or(0);
  search.starts = static_cast<int>(
      map.required("starts").integer(0, std::numeric_limits<int>::max()).value_or(0));
  search.evaluations = map.required("evaluations").integer(0, kMaxCount).value_or(0);
  search.seconds = read_amount(map.required("seconds"));
  search.interrupted = map.optional("interrupted").flag().value_or(false);
  for (const Field& point : map.required("history").list()) {
    const std::vector<Field> pair = point.list();
    if (pair.size() != 2) {
      if (point.is_list()) point.expected("[evaluations, best]");
      continue;
    }
    search.history.emplace_back(pair[0].integer(0, kMaxCount).value_or(0),
                                pair[1].number().value_or(0.0));
  }
  map.finish();
  return search;
}

void read_exactly(const Field& field, std::string_view what) {
  const auto text = field.text();
  if (text && *text != what) field.expected(what);
}

// Only the bound of an EDP has a name that says its unit.
std::optional<DesignBound> read_optimum(const Field& field, const std::string& objective_name) {
  if (!field.is_present() || field.is_null()) return std::nullopt;
  DesignBound bound;
  MapReader map(field);
  const auto objective = search::objective_from_name(objective_name);
  if (!objective) return std::nullopt;  // which keys to expect depends on it
  if (*objective == search::Objective::edp) {
    bound.value = read_amount(map.required("edp_uj_cycles"));
  } else {
    read_exactly(map.required("objective"), objective_name);
    bound.value = read_amount(map.required("value"));
    read_exactly(map.required("unit"), search::unit(*objective));
  }
  bound.gap_percent = map.required("gap_percent").number().value_or(0.0);
  map.finish();
  return bound;
}

Provenance read_provenance(const Field& field) {
  Provenance provenance;
  MapReader map(field);
  provenance.version = read_any_text(map.required("version"));
  provenance.torch = read_any_text(map.required("torch"));
  provenance.command = read_any_text(map.required("command"));
  MapReader inputs(map.required("inputs"));
  for (const auto& [path, sha256] : inputs.all()) provenance.inputs[path] = read_any_text(sha256);
  map.finish();
  return provenance;
}

std::vector<std::string> objective_names() {
  std::vector<std::string> names;
  for (search::Objective objective : search::kAllObjectives) {
    names.emplace_back(search::name(objective));
  }
  return names;
}

}  // namespace

DesignFile parse_design(const std::string& text,
                        const std::string& path,
                        const Accelerator& accelerator,
                        model::Factors factors,
                        const DesignTarget& target) {
  const Document document = parse_document(text, path);
  Problems problems;
  DesignFile design;
  MapReader map(root_field(document, problems));
  read_schema(map.required("schema"));
  problems.throw_if_any();  // the keys of another schema mean something else
  design.workload.name = read_text(map.required("workload"));
  read_accelerator(map.required("accelerator"), accelerator, target.is_any_accelerator, design);
  problems.throw_if_any();  // as do the hardware and mappings of another accelerator
  design.hardware = read_design_hardware(map.required("hardware"), accelerator);
  problems.throw_if_any();  // whether a mapping fits depends on it
  const model::Hardware written = design.hardware;
  set_fixed_values(accelerator, target.fixed, design.hardware);
  design.latency_model = read_text(map.required("latency_model"));
  design.latency_file = read_latency_file(map.optional("latency_file"));
  design.objective = read_choice(map.required("objective"), objective_names());
  design.totals = read_totals(map.required("totals"));
  const Field layers = map.required("layers");
  const model::Machine machine = model::resolve(accelerator, design.hardware);
  for (const Field& layer : layers.list()) {
    read_layer(layer, accelerator, machine, factors, design);
  }
  if (layers.is_list() && design.workload.layers.empty()) {
    layers.fail("empty; expected at least one layer");
  }
  design.search = read_search(map.required("search"));
  design.bound = read_optimum(map.required("bound"), design.objective);
  design.provenance = read_provenance(map.required("provenance"));
  map.finish();
  const std::string changed = changed_values(accelerator, written, design.hardware);
  problems.throw_if_any(changed.empty() ? ""
                                        : path + ": read with " + changed +
                                              "; expected hardware that its mappings fit");
  return design;
}

DesignFile read_design(const std::string& path,
                       const Accelerator& accelerator,
                       model::Factors factors,
                       const DesignTarget& target) {
  return parse_design(read_file(path), path, accelerator, factors, target);
}

std::string design_accelerator_name(const std::string& path) {
  const Document document = parse_document(read_file(path), path);
  Problems problems;
  MapReader map(root_field(document, problems));
  read_schema(map.required("schema"));
  problems.throw_if_any();
  MapReader accelerator(map.required("accelerator"));
  std::string name = read_text(accelerator.required("name"));
  problems.throw_if_any();
  return name;
}

}  // namespace masala::io
