#include "masala/io/design_json.h"

#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "io/design_layers.h"
#include "io/file.h"
#include "io/hardware_values.h"
#include "io/json_number.h"
#include "masala/io/text.h"
#include "masala/search/space/objective.h"

namespace masala::io {
namespace {

using model::Accelerator;

constexpr bool kMayBeNull = true;
constexpr std::int64_t kMaxCount = std::numeric_limits<std::int64_t>::max();

void read_schema(const Field& field) {
  const auto text = field.text();
  if (!text || *text == kDesignSchema) return;
  const auto version = schema_version(*text, kDesignSchema);
  if (!version) return field.expected(shown(kDesignSchema) + ", of a design file");
  const bool is_newer = *version > *schema_version(kDesignSchema, kDesignSchema);
  field.expected(fmt::format("{}: {}",
                             shown(kDesignSchema),
                             is_newer ? "a newer masala wrote it, and is needed to read it"
                                      : "it is of an older masala, and to be searched anew"));
}

Codec<DesignFile> schema() {
  const auto read = [](const Field& field, DesignFile&) { read_schema(field); };
  return {"text", read, [](const DesignFile&) { return Json(kDesignSchema); }};
}

FieldTable<DesignFile> accelerator_fields(const DesignContext& context) {
  Codec<std::string> name = text();
  name.read = [context](const Field& field, std::string& value) {
    value = field.text().value_or("");
    const bool is_other = !value.empty() && value != context.accelerator.name;
    if (is_other && !context.target.is_any_accelerator) {
      field.expected("the accelerator in use, " + context.accelerator.name);
    }
  };
  FieldTable<DesignFile> fields;
  fields.required("name", &DesignFile::accelerator_name, name);
  fields.required("sha256", &DesignFile::accelerator_sha256, any_text())
      .means("of the description file");
  return fields;
}

FieldTable<LatencyFile> latency_file_fields() {
  FieldTable<LatencyFile> fields;
  fields.required("path", &LatencyFile::path, text()).means("as given to the search");
  fields.required("sha256", &LatencyFile::sha256, text()).means("of its content");
  return fields;
}

FieldTable<DesignTotals> totals_fields() {
  FieldTable<DesignTotals> fields;
  fields.required("cycles", &DesignTotals::cycles, number(0.0)).means("Σ count · groups · cycles");
  fields.required("energy_uj", &DesignTotals::energy_uj, number(0.0))
      .means("Σ count · groups · energy, in µJ");
  fields.required("edp_uj_cycles", &DesignTotals::edp_uj_cycles, number(0.0))
      .means("product of these two totals");
  fields.required("area_mm2", &DesignTotals::area_mm2, maybe(number(0.0), kMayBeNull))
      .means("null where the accelerator has no area model");
  return fields;
}

Codec<std::pair<std::int64_t, double>> history_point() {
  using Point = std::pair<std::int64_t, double>;
  const auto read = [](const Field& field, Point& point) {
    const std::vector<Field> items = field.list();
    if (items.size() == 2) {
      point = {items[0].integer(0, kMaxCount).value_or(0), items[1].number().value_or(0.0)};
    } else if (field.is_list()) {
      field.expected("[evaluations, best]");
    }
  };
  return {"`[evaluations, value]`", read, [](const Point& point) {
            return Json::array({point.first, json_number(point.second)});
          }};
}

FieldTable<SearchRecord> search_fields() {
  FieldTable<SearchRecord> fields;
  fields.required("method", &SearchRecord::method, text());
  fields.required("seed", &SearchRecord::seed, unsigned_integer());
  fields.required(
      "starts", &SearchRecord::starts, integer<int>(0, std::numeric_limits<int>::max()));
  fields.required("evaluations", &SearchRecord::evaluations, integer(0, kMaxCount))
      .means("used, everything counted ([search.md](search.md#what-counts-as-an-evaluation))");
  fields.required("seconds", &SearchRecord::seconds, number(0.0))
      .means("wall clock; the only field that differs between two runs of one command");
  fields.recent("interrupted", &SearchRecord::interrupted, flag())
      .means("whether a signal ended it early");
  fields.required("history", &SearchRecord::history, list_of(history_point()))
      .means("every improvement of the best objective, with `--caution`");
  return fields;
}

// A text that follows from the rest of the design.
Codec<DesignBound> exactly(const std::string& expected) {
  const auto read = [expected](const Field& field, DesignBound&) {
    const auto text = field.text();
    if (text && *text != expected) field.expected(expected);
  };
  return {"text", read, [expected](const DesignBound&) { return Json(expected); }};
}

// Only the bound of an EDP has a name that says its unit.
FieldTable<DesignBound> bound_fields(search::Objective objective) {
  FieldTable<DesignBound> fields;
  if (objective == search::Objective::edp) {
    fields.required("edp_uj_cycles", &DesignBound::value, number(0.0))
        .means("with objective `edp`, and no other");
  } else {
    fields.required("objective", kWhole, exactly(std::string(search::name(objective))))
        .means("the design's; with every objective but `edp`, as the next two");
    fields.required("value", &DesignBound::value, number(0.0));
    fields.required("unit", kWhole, exactly(std::string(search::unit(objective))))
        .means("`uJ` (energy), `cycles` (latency), `uJ.cycles^2` (ed2p), `uJ.cycles.mm2` (edap)");
  }
  fields.required("gap_percent", &DesignBound::gap_percent, number())
      .means(
          "how far above the bound the design is; with `--caution`, both are of what was "
          "minimised");
  return fields;
}

// Which fields it has depends on the objective, which comes first.
Codec<DesignFile> bound() {
  const auto read = [](const Field& field, DesignFile& design) {
    if (field.is_null()) return;
    const auto objective = search::objective_from_name(design.objective);
    if (objective) return bound_fields(*objective).read(field, design.bound.emplace());
    MapReader map(field);
  };
  const auto write = [](const DesignFile& design) {
    if (!design.bound) return Json();
    const auto objective = search::objective_from_name(design.objective).value();
    return bound_fields(objective).write(*design.bound);
  };
  std::vector<FieldDescription> parts = bound_fields(search::Objective::edp).describe();
  parts.pop_back();  // the one that both forms have
  append_below("", bound_fields(search::Objective::energy).describe(), parts);
  return {"map or null", read, write, parts};
}

Codec<std::map<std::string, std::string>> hashes() {
  using Hashes = std::map<std::string, std::string>;
  const auto read = [](const Field& field, Hashes& hashes) {
    MapReader map(field);
    for (const auto& [path, hash] : map.all()) {
      hashes[path] = hash.possibly_empty_text().value_or("");
    }
  };
  return {"map: path to SHA-256", read, [](const Hashes& hashes) { return Json(hashes); }};
}

FieldTable<Provenance> provenance_fields() {
  FieldTable<Provenance> fields;
  fields.required("version", &Provenance::version, any_text());
  fields.required("torch", &Provenance::torch, any_text());
  fields.required("command", &Provenance::command, any_text());
  fields.required("inputs", &Provenance::inputs, hashes()).means("every file read");
  return fields;
}

std::vector<std::string> objective_names() {
  std::vector<std::string> names;
  for (search::Objective objective : search::kAllObjectives) {
    names.emplace_back(search::name(objective));
  }
  return names;
}

FieldTable<DesignFile> design_fields(const DesignContext& context) {
  FieldTable<DesignFile> fields;
  fields.required("schema", kWhole, schema())
      .means("`masala.design/1`; readers refuse another, and say whether it is newer or older");
  fields.stop_if_wrong();  // the keys of another schema mean something else
  fields.required("workload", inside(&DesignFile::workload, &model::Workload::name), text())
      .means("its name");
  fields.required("accelerator", kWhole, map_of(accelerator_fields(context)));
  fields.stop_if_wrong();  // as do the hardware and mappings of another accelerator
  fields.required("hardware", &DesignFile::hardware, hardware_values(context.accelerator))
      .means("one entry per hardware key");
  fields.stop_if_wrong();  // whether a mapping fits depends on it
  fields.required("latency_model", &DesignFile::latency_model, text())
      .means("`roofline`, or the tier of a trained model: `calibrated`, `hybrid`, `dnn`");
  fields
      .recent("latency_file",
              &DesignFile::latency_file,
              maybe(map_of(latency_file_fields()), kMayBeNull))
      .means("the file that the trained model was read from; null with the roofline");
  fields
      .required(
          "objective",
          &DesignFile::objective,
          choice(objective_names(), fmt::format("`{}`", fmt::join(objective_names(), "`, `"))))
      .means("what was minimised");
  fields.required("totals", &DesignFile::totals, map_of(totals_fields()));
  fields.required("layers", kWhole, design_layers(context)).means("at least one");
  fields.required("search", &DesignFile::search, map_of(search_fields())).means("what was run");
  fields.required("bound", kWhole, bound())
      .means(
          "a certified lower bound of the objective; null unless `--bound` or `--method exact` "
          "found one");
  fields.required("provenance", &DesignFile::provenance, map_of(provenance_fields()))
      .means("[how it came about](#provenance)");
  return fields;
}

}  // namespace

Json to_json(const DesignFile& design, const Accelerator& accelerator) {
  return design_fields({accelerator}).write(design);
}

DesignFile parse_design(const std::string& text,
                        const std::string& path,
                        const Accelerator& accelerator,
                        model::Factors factors,
                        const DesignTarget& target) {
  const Document document = parse_json(text, path);
  Problems problems;
  DesignFile design;
  design_fields({accelerator, factors, target}).read(root_field(document, problems), design);
  const model::Hardware written = design.hardware;
  set_fixed_values(accelerator, target.fixed, design.hardware);
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
  const Document document = parse_json(read_file(path), path);
  Problems problems;
  MapReader map(root_field(document, problems));
  read_schema(map.required("schema"));
  problems.throw_if_any();
  MapReader accelerator(map.required("accelerator"));
  std::string name = accelerator.required("name").text().value_or("");
  problems.throw_if_any();
  return name;
}

std::vector<FieldDescription> describe_designs() {
  return design_fields({{}}).describe();
}

}  // namespace masala::io
