// Typed access to a Document that collects every problem instead of stopping at the first.
//
//   MapReader map(root_field(document, problems));
//   layer.bounds[Dim::R] = map.required("R").integer(1, kMaxBound).value_or(1);
//   map.finish();               // keys that nothing asked for are errors
//   problems.throw_if_any();
//
// A getter that finds something wrong reports it and returns nullopt, so that reading goes on with
// a stand-in value; an absent field returns nullopt silently.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/document.h"
#include "masala/io/input_error.h"

namespace masala::io {

// A value of the document, or the absence of one.
class Field {
 public:
  Field(const Document& document, Problems& problems, const Node* node, std::string key_path);

  bool is_present() const { return node_ != nullptr; }
  bool is_map() const { return node_ != nullptr && node_->kind == Node::Kind::map; }
  bool is_list() const { return node_ != nullptr && node_->kind == Node::Kind::list; }
  bool is_null() const { return node_ != nullptr && node_->kind == Node::Kind::null; }
  bool has(std::string_view key) const;  // false where it is no map

  std::optional<std::int64_t> integer(std::int64_t min, std::int64_t max) const;
  std::optional<std::uint64_t> unsigned_integer() const;
  std::optional<double> number(double min = std::numeric_limits<double>::lowest()) const;
  std::optional<double> positive_number() const;
  std::optional<std::string> text() const;  // not empty
  std::optional<std::string> possibly_empty_text() const;
  std::optional<std::string> identifier() const;  // see is_identifier()
  std::optional<std::string> word() const;        // a scalar, not a number in quotes; never reports
  std::optional<bool> flag() const;
  // The elements of a list; empty, with a report, when it is something else.
  std::vector<Field> list() const;

  // Reports `got ...; expected <what>` at this field.
  void expected(std::string_view what) const;
  // Reports a problem at this field.
  void fail(std::string_view message) const;
  // Reports something odd at this field that is read all the same.
  void warn(std::string_view message) const;
  // Throws what was reported so far, of the whole document.
  void throw_if_any_problem() const { problems_->throw_if_any(); }

 private:
  friend class MapReader;

  Location at() const;
  std::string got() const;
  std::optional<std::string> scalar_text() const;
  std::optional<std::string> plain_text() const;  // of a scalar without quotes
  // The value, reporting what was expected where a field that is present has none.
  template <class V>
  std::optional<V> checked(std::optional<V> value, std::string_view what) const;

  const Document* document_;
  Problems* problems_;
  const Node* node_;  // nullptr: absent
  std::string key_path_;
};

Field root_field(const Document& document, Problems& problems);

// A key as other tools spell it, and what to write instead.
struct Spelling {
  std::string key;                   // in any case
  std::vector<std::string> instead;  // the keys whose place it takes
  std::string expected;
};

// The keys of a map. Reports duplicate keys when made, missing ones when asked for, and unknown
// ones in finish(). A key that is there under another spelling, or in another case, is reported
// once, as unknown.
class MapReader {
 public:
  // `other_spellings` must outlive the reader.
  explicit MapReader(const Field& field, const std::vector<Spelling>* other_spellings = nullptr);

  const Field& field() const { return field_; }
  Field required(const std::string& key);
  Field optional(const std::string& key);
  // All keys in file order with their values, for maps keyed by names.
  std::vector<std::pair<std::string, Field>> all();
  void finish();

 private:
  Field find(const std::string& key);
  std::string path_of(std::string_view key) const;
  void report(Location at, std::string_view key, const std::string& message);
  const Spelling* spelling(std::string_view key) const;
  bool has_under_another_spelling(const std::string& key) const;

  Field field_;
  const std::vector<Spelling>* other_spellings_;
  std::vector<std::string> known_;  // asked for so far
  bool takes_any_key_ = false;
};

}  // namespace masala::io
