#include "masala/io/accelerator_yaml.h"

#include <algorithm>

#include <fmt/format.h>

#include "io/accelerator_codecs.h"
#include "io/file.h"
#include "io/hardware_values.h"
#include "io/yaml_writer.h"

namespace masala::io {
namespace {

using model::Accelerator;
using model::Level;
using model::MappingRules;
using model::Parameter;
using model::Program;

constexpr std::int64_t kMaxWordBits = 1024;

FieldTable<Level> capacity_fields() {
  FieldTable<Level> fields;
  fields.optional("words", &Level::capacity_words, integer(1, kMaxWords)).means("of one instance");
  fields.optional("kib", &Level::kib, maybe(range()))
      .means(
          "of all instances together, in place of `words`. The level is *sized*: its size is a "
          "hardware key");
  fields.exactly_one("words", "kib");
  return fields;
}

FieldTable<MappingRules> mapping_fields() {
  FieldTable<MappingRules> fields;
  fields.optional("temporal", &MappingRules::temporal, dims())
      .means(
          "dimensions that search may loop over at this level (at the outermost level: always "
          "all)");
  fields.optional("innermost", &MappingRules::innermost, list_of(dim()))
      .means(
          "these loops, outer to inner, stay innermost at this level; they must be among "
          "`temporal`");
  return fields;
}

FieldTable<Level> level_fields(const Accelerator& accelerator) {
  FieldTable<Level> fields;
  fields.required("name", &Level::name, identifier()).means("distinct");
  fields.required("keeps", &Level::keeps, operands())
      .means("the operands that stop here; others bypass the level");
  fields.required("word_bits", &Level::word_bits, integer<int>(1, kMaxWordBits))
      .means("size of a word at this level");
  fields.optional("instances", &Level::instances, scaled(accelerator, Quantity::count))
      .means("physical instances that share `kib`");
  fields.optional("spatial", &Level::spatial, spatial_dims(accelerator))
      .means(
          "fan-out to the level below: dimensions that may be unrolled there, and how far. Not "
          "at the innermost level");
  fields.optional("capacity", kWhole, map_of(capacity_fields()))
      .means("required but for the outermost level, which has none");
  fields.optional("double_buffered", &Level::double_buffered, flag())
      .means("a tile may use half of the capacity");
  fields
      .optional("bandwidth_words_per_cycle",
                &Level::bandwidth_words_per_cycle,
                maybe(scaled(accelerator, Quantity::rate)))
      .means("per instance, reads and writes together; unlimited where missing");
  fields.optional("block_words", &Level::block_words, scaled(accelerator, Quantity::count))
      .means("words moved, and charged, by one access");
  fields.required("energy", &Level::energy, access_energy());
  fields.optional("mapping", &Level::rules, map_of(mapping_fields()))
      .means("constraints on search");
  return fields;
}

using Amounts = std::vector<std::pair<std::string, double>>;

Codec<Amounts> amounts() {
  using Amount = Amounts::value_type;
  return by_name("map: name to number ≥ 0", &Amount::first, &Amount::second, number(0.0));
}

FieldTable<Program> program_fields() {
  FieldTable<Program> fields;
  fields.required("driver", &Program::driver, identifier())
      .means(
          "`gemmini`, the only driver known. It needs the levels and the parameter of the built-in "
          "accelerator of that name");
  fields.optional("measured_hardware", &Program::measured_hardware, amounts())
      .means(
          "by hardware key, sizes of the machine of which measurements of this driver were "
          "published, whatever their tables say: limits of the program `measured`");
  return fields;
}

// Values of levels name the parameters of `accelerator`: the one that is read, whose parameters
// come first, or written.
FieldTable<Accelerator> accelerator_fields(const Accelerator& accelerator) {
  FieldTable<Accelerator> fields;
  fields.required("name", &Accelerator::name, identifier())
      .means("a name is a letter or `_`, then letters, digits, `_`, `-`");
  fields.optional("description", &Accelerator::description, text())
      .means("one line for `masala info`");
  fields.required("mac_energy_pj", &Accelerator::mac_energy_pj, number(0.0))
      .means("energy of one MAC");
  fields
      .optional("parameters",
                &Accelerator::parameters,
                by_name("map: name to range", &Parameter::name, &Parameter::range, range()))
      .means("free integer quantities; each is a hardware key");
  fields.required("levels", &Accelerator::levels, list_of(map_of(level_fields(accelerator))))
      .means("2 to 8, inner to outer; the last one keeps every operand and has no capacity");
  fields.optional("area", &Accelerator::area, list_of(area_term()))
      .means(
          "each is `a · KEY^e · ...` of hardware keys; the area is the sum. Without it there is "
          "no `--max-area-mm2` and no objective `edap`");
  fields.optional("program", &Accelerator::program, maybe(map_of(program_fields())))
      .means(
          "what runs layers on the machine, for `masala simulate`; without it there is no "
          "simulation");
  fields.optional("simulator", &Accelerator::simulator, amounts())
      .means(
          "timing constants of the simulator, in cycles; those that are missing keep their "
          "defaults. `data/accelerators/gemmini-rtl.yaml` has all of them");
  return fields;
}

// Every other rule would fail too, and none would say why.
bool is_outer_first(const Accelerator& accelerator) {
  if (accelerator.num_levels() < 2) return false;
  const auto is_limited = [](const Level& level) {
    return level.is_sized() || level.capacity_words > 0;
  };
  const Level& first = accelerator.levels.front();
  const bool keeps_all = std::all_of(
      first.keeps.values.begin(), first.keeps.values.end(), [](bool is_kept) { return is_kept; });
  return keeps_all && !is_limited(first) && is_limited(accelerator.levels.back());
}

// "levels[1].keeps: empty; ..." -> its key path and the rest; no key path where the text before
// the first colon is a sentence.
std::pair<std::string, std::string> split_key_path(const std::string& problem) {
  const std::size_t colon = problem.find(": ");
  if (colon == std::string::npos || problem.find(' ') < colon) return {"", problem};
  return {problem.substr(0, colon), problem.substr(colon + 2)};
}

}  // namespace

Accelerator parse_accelerator(const std::string& text, const std::string& path) {
  const Document document = parse_yaml(text, path);
  Problems problems;
  Accelerator accelerator;
  accelerator_fields(accelerator).read(root_field(document, problems), accelerator);
  problems.throw_if_any();
  if (is_outer_first(accelerator)) {
    const Location at = locate(document, "levels");
    problems.add(path,
                 at,
                 "levels",
                 fmt::format("given outer first; expected inner to outer: {} last, as it keeps "
                             "everything without a capacity",
                             accelerator.levels.front().name));
  }
  problems.throw_if_any();
  for (const std::string& problem : model::problems(accelerator)) {
    const auto [key_path, message] = split_key_path(problem);
    const Location at = key_path.empty() ? Location{1, 0} : locate(document, key_path);
    problems.add(path, at, key_path, message);
  }
  problems.throw_if_any();
  return accelerator;
}

Accelerator read_accelerator(const std::string& path) {
  return parse_accelerator(read_file(path), path);
}

std::string to_yaml(const Accelerator& accelerator) {
  return yaml_from_json(accelerator_fields(accelerator).write(accelerator),
                        {"parameters", "levels", "levels[]", "area", "program"});
}

std::vector<FieldDescription> describe_accelerators() {
  return accelerator_fields({}).describe();
}

}  // namespace masala::io
