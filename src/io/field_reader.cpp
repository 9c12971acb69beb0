#include "io/field_reader.h"

#include <algorithm>
#include <limits>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "masala/io/text.h"

namespace masala::io {

Field::Field(const Document& document, Problems& problems, const Node* node, std::string key_path)
    : document_(&document), problems_(&problems), node_(node), key_path_(std::move(key_path)) {}

Field root_field(const Document& document, Problems& problems) {
  return {document, problems, document.root.get(), ""};
}

Location Field::at() const {
  return node_ != nullptr ? node_->at : document_->root->at;
}

std::string Field::got() const {
  switch (node_->kind) {
    case Node::Kind::null: return "nothing";
    case Node::Kind::list: return "a list";
    case Node::Kind::map: return "a map";
    case Node::Kind::scalar: break;
  }
  if (node_->is_quoted) return "the text " + shown(node_->text);
  return parse_number(node_->text) ? node_->text : shown(node_->text);
}

void Field::fail(std::string_view message) const {
  problems_->add(document_->path, at(), key_path_, message);
}

void Field::warn(std::string_view message) const {
  problems_->warn(document_->path, at(), key_path_, message);
}

void Field::expected(std::string_view what) const {
  fail(fmt::format("got {}; expected {}", got(), what));
}

template <class V>
std::optional<V> Field::checked(std::optional<V> value, std::string_view what) const {
  if (is_present() && !value) expected(what);
  return value;
}

std::optional<std::string> Field::scalar_text() const {
  if (!is_present() || node_->kind != Node::Kind::scalar) return std::nullopt;
  return node_->text;
}

std::optional<std::string> Field::plain_text() const {
  return is_present() && node_->is_quoted ? std::nullopt : scalar_text();
}

std::optional<std::string> Field::word() const {
  const auto text = scalar_text();
  return text && node_->is_quoted && parse_number(*text) ? std::nullopt : text;
}

std::optional<std::int64_t> Field::integer(std::int64_t min, std::int64_t max) const {
  auto value = parse_integer(plain_text().value_or(""));
  if (value && (*value < min || *value > max)) value.reset();
  return checked(value, fmt::format("an integer from {} to {}", min, max));
}

std::optional<std::uint64_t> Field::unsigned_integer() const {
  return checked(parse_unsigned(plain_text().value_or("")), "an integer from 0 to 2^64 - 1");
}

std::optional<double> Field::number(double min) const {
  auto value = parse_number(plain_text().value_or(""));
  if (value && *value < min) value.reset();
  const bool is_bounded = min > std::numeric_limits<double>::lowest();
  return checked(value, is_bounded ? fmt::format("a number >= {}", min) : "a number");
}

std::optional<double> Field::positive_number() const {
  auto value = parse_number(plain_text().value_or(""));
  if (value && *value <= 0) value.reset();
  return checked(value, "a number > 0");
}

std::optional<std::string> Field::text() const {
  auto text = scalar_text();
  if (text && text->empty()) text.reset();
  return checked(text, "a text that is not empty");
}

std::optional<std::string> Field::possibly_empty_text() const {
  return checked(scalar_text(), "a text");
}

std::optional<std::string> Field::identifier() const {
  auto text = scalar_text();
  if (text && !is_identifier(*text)) text.reset();
  return checked(text, "a name of letters, digits, '_' and '-' that starts with a letter");
}

std::optional<bool> Field::flag() const {
  const auto text = plain_text();
  const bool is_flag = text == "true" || text == "false";
  return checked(is_flag ? std::optional(text == "true") : std::nullopt, "true or false");
}

bool Field::has(std::string_view key) const {
  if (!is_map()) return false;
  const auto& entries = node_->entries;
  return std::any_of(
      entries.begin(), entries.end(), [&](const auto& entry) { return entry.key == key; });
}

std::vector<Field> Field::list() const {
  std::vector<Field> fields;
  if (!is_present()) return fields;
  if (!is_list()) {
    expected("a list");
    return fields;
  }
  for (std::size_t i = 0; i < node_->items.size(); ++i) {
    fields.push_back(
        {*document_, *problems_, node_->items[i].get(), fmt::format("{}[{}]", key_path_, i)});
  }
  return fields;
}

MapReader::MapReader(const Field& field, const std::vector<Spelling>* other_spellings)
    : field_(field), other_spellings_(other_spellings) {
  if (!field_.is_present()) return;
  if (!field_.is_map()) {
    field_.expected("a map");
    return;
  }
  std::set<std::string_view> seen;
  for (const Node::Entry& entry : field_.node_->entries) {
    if (seen.insert(entry.key).second) continue;
    report(entry.at, entry.key, "given twice; expected each key once");
  }
}

std::string MapReader::path_of(std::string_view key) const {
  return field_.key_path_.empty() ? std::string(key) : fmt::format("{}.{}", field_.key_path_, key);
}

void MapReader::report(Location at, std::string_view key, const std::string& message) {
  field_.problems_->add(field_.document_->path, at, path_of(key), message);
}

Field MapReader::find(const std::string& key) {
  known_.push_back(key);
  const Node* found = nullptr;
  if (field_.is_map()) {
    for (const Node::Entry& entry : field_.node_->entries) {
      if (entry.key == key && found == nullptr) found = entry.value.get();
    }
  }
  return {*field_.document_, *field_.problems_, found, path_of(key)};
}

const Spelling* MapReader::spelling(std::string_view key) const {
  if (other_spellings_ == nullptr) return nullptr;
  for (const Spelling& spelling : *other_spellings_) {
    if (equal_but_for_case(spelling.key, key)) return &spelling;
  }
  return nullptr;
}

bool MapReader::has_under_another_spelling(const std::string& key) const {
  const auto& entries = field_.node_->entries;
  return std::any_of(entries.begin(), entries.end(), [&](const Node::Entry& entry) {
    if (equal_but_for_case(entry.key, key)) return true;
    const Spelling* other = spelling(entry.key);
    return other != nullptr &&
           std::find(other->instead.begin(), other->instead.end(), key) != other->instead.end();
  });
}

Field MapReader::required(const std::string& key) {
  Field field = find(key);
  if (field_.is_map() && !field.is_present() && !has_under_another_spelling(key)) {
    report(field_.at(), key, "missing; expected it in this map");
  }
  return field;
}

Field MapReader::optional(const std::string& key) {
  return find(key);
}

std::vector<std::pair<std::string, Field>> MapReader::all() {
  std::vector<std::pair<std::string, Field>> fields;
  if (!field_.is_map()) return fields;
  takes_any_key_ = true;
  for (const Node::Entry& entry : field_.node_->entries) {
    fields.emplace_back(
        entry.key,
        Field(*field_.document_, *field_.problems_, entry.value.get(), path_of(entry.key)));
  }
  return fields;
}

void MapReader::finish() {
  if (!field_.is_map() || takes_any_key_) return;
  const bool is_root = field_.key_path_.empty();
  for (const Node::Entry& entry : field_.node_->entries) {
    if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) continue;
    // Holds what aliases below refer to: it must stand somewhere.
    if (is_root && entry.value->is_aliased) continue;
    const Spelling* other = spelling(entry.key);
    std::string hint =
        other != nullptr ? "; expected " + other->expected : did_you_mean(entry.key, known_);
    if (hint.empty()) hint = fmt::format("; expected one of {}", fmt::join(known_, ", "));
    report(entry.at, entry.key, "unknown key" + hint);
  }
}

}  // namespace masala::io
