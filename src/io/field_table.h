// A map of a file format as a table of fields, each of which says once how it is read, how it is
// written and what the documentation says of it:
//
//   FieldTable<Level> fields;
//   fields.required("name", &Level::name, identifier()).means("distinct");
//   fields.optional("block_words", &Level::block_words, count).means("words moved by one access");
//
// Fields are read, and their problems reported, in the order of the table, and written in it.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "io/field_reader.h"
#include "masala/io/field_description.h"

namespace masala::io {

using Json = nlohmann::ordered_json;

// How values of one type are read and written.
template <class V>
struct Codec {
  std::string type;                            // in words of the documentation
  std::function<void(const Field&, V&)> read;  // of a field that is present; leaves wrong ones be
  std::function<Json(const V&)> write;
  std::vector<FieldDescription> parts = {};  // of the fields of a map, or of the maps of a list
};

// In place of a pointer to a member: the whole object, for fields that make up several members, and
// a member of a member.
inline constexpr auto kWhole = [](auto& object) -> auto& {
  return object;
};
template <class Outer, class Inner>
auto inside(Outer outer, Inner inner) {
  return [=](auto& object) -> auto& {
    return object.*outer.*inner;
  };
}

template <class T>
class FieldTable {
 public:
  struct Entry {
    FieldDescription description;  // without a key: no field but a rule about the others
    std::vector<FieldDescription> parts;
    std::function<void(MapReader&, T&)> read = [](MapReader&, T&) {};
    std::function<void(const T&, Json&)> write = [](const T&, Json&) {};

    Entry& means(const std::string& meaning) {
      description.meaning = meaning;
      return *this;
    }
  };

  // `other_spellings` of its keys must outlive the table.
  explicit FieldTable(const std::vector<Spelling>* other_spellings = nullptr)
      : other_spellings_(other_spellings) {}

  // `member`: a pointer to a member, or a function of a T that returns a reference.
  template <class Member, class V>
  Entry& required(const std::string& key, Member member, const Codec<V>& codec) {
    return add(key, member, codec, Presence::required);
  }
  // Not written where it has the value of a new T, which is also that of a file without the key.
  template <class Member, class V>
  Entry& optional(const std::string& key, Member member, const Codec<V>& codec) {
    return add(key, member, codec, Presence::optional);
  }
  // Always written; read as that of a new T from files of before the field was there.
  template <class Member, class V>
  Entry& recent(const std::string& key, Member member, const Codec<V>& codec) {
    return add(key, member, codec, Presence::recent);
  }

  // Fields of this map that a std::optional holds: all or none of them are there.
  template <class Member, class V>
  void together(Member member, const FieldTable<V>& fields) {
    Entry& entry = entries_.emplace_back();
    entry.parts = fields.describe();
    for (FieldDescription& part : entry.parts) part.presence = "all or none";
    entry.read = [member, fields](MapReader& map, T& object) {
      for (const FieldDescription& part : fields.describe()) {
        if (map.field().has(part.key_path)) {
          return fields.read_fields(map, std::invoke(member, object).emplace());
        }
      }
    };
    entry.write = [member, fields](const T& object, Json& map) {
      if (const auto& value = std::invoke(member, object)) map.update(fields.write(*value));
    };
  }
  // Of the two fields of the table, which are optional, one must be there, and no other.
  void exactly_one(const std::string& a, const std::string& b) {
    for (Entry& entry : entries_) entry.description.presence = "`" + a + "` or `" + b + "`";
    Entry rule;
    rule.read = [a, b](MapReader& map, T&) {
      const Field& field = map.field();
      if (!field.is_map() || field.has(a) != field.has(b)) return;
      field.fail("got both or neither; expected one of " + a + " and " + b);
    };
    entries_.insert(entries_.begin(), rule);  // said before what is wrong with either
  }
  // Ends reading here if anything was wrong so far: what follows would have no meaning.
  void stop_if_wrong() {
    entries_.emplace_back().read = [](MapReader& map, T&) { map.field().throw_if_any_problem(); };
  }

  void read(const Field& field, T& object) const {
    MapReader map(field, other_spellings_);
    read_fields(map, object);
    map.finish();
  }
  void read_fields(MapReader& map, T& object) const {
    for (const Entry& entry : entries_) entry.read(map, object);
  }

  Json write(const T& object) const {
    Json map = Json::object();
    for (const Entry& entry : entries_) entry.write(object, map);
    return map;
  }

  std::vector<FieldDescription> describe() const {
    std::vector<FieldDescription> all;
    for (const Entry& entry : entries_) {
      const std::string& key = entry.description.key_path;
      if (!key.empty()) all.push_back(entry.description);
      append_below(key, entry.parts, all);
    }
    return all;
  }

 private:
  enum class Presence { required, optional, recent };

  template <class Member, class V>
  Entry& add(const std::string& key, Member member, const Codec<V>& codec, Presence presence) {
    const bool is_required = presence == Presence::required;
    const T unset{};
    const Json fallback = is_required ? Json() : codec.write(std::invoke(member, unset));
    Entry& entry = entries_.emplace_back();
    entry.description = {key, codec.type, is_required ? "required" : default_text(fallback), ""};
    entry.parts = codec.parts;
    entry.read = [=](MapReader& map, T& object) {
      const Field field = is_required ? map.required(key) : map.optional(key);
      if (field.is_present()) codec.read(field, std::invoke(member, object));
    };
    entry.write = [=](const T& object, Json& map) {
      Json value = codec.write(std::invoke(member, object));
      if (presence != Presence::optional || value != fallback) map[key] = std::move(value);
    };
    return entry;
  }

  std::vector<Entry> entries_;
  const std::vector<Spelling>* other_spellings_;
};

}  // namespace masala::io
