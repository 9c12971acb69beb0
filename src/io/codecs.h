// The types that fields of file formats have.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "io/field_table.h"
#include "io/json_number.h"
#include "masala/io/text.h"

namespace masala::io {

// Of what a getter of Field returns where it is right.
template <class V, class Get>
Codec<V> scalar(const std::string& type, Get get) {
  return {type,
          [get](const Field& field, V& value) {
            if (const auto read = std::invoke(get, field)) value = static_cast<V>(*read);
          },
          [](const V& value) { return Json(value); }};
}

// "integer 1 to 2^31", as the documentation has it.
std::string integer_type(std::int64_t min, std::int64_t max);

template <class Integer = std::int64_t>
Codec<Integer> integer(std::int64_t min, std::int64_t max) {
  return scalar<Integer>(integer_type(min, max),
                         [=](const Field& field) { return field.integer(min, max); });
}
Codec<std::uint64_t> unsigned_integer();
Codec<double> number(double min = std::numeric_limits<double>::lowest());
Codec<bool> flag();
Codec<std::string> text();  // not empty
Codec<std::string> any_text();
Codec<std::string> identifier();  // see is_identifier()
// One of some names; `type`: as the documentation lists them.
Codec<std::string> choice(const std::vector<std::string>& names, const std::string& type);

// An optional without a value is null, which is read, too, where `may_be_null`.
template <class V>
Codec<std::optional<V>> maybe(const Codec<V>& codec, bool may_be_null = false) {
  return {codec.type,
          [=](const Field& field, std::optional<V>& value) {
            if (!may_be_null || !field.is_null()) codec.read(field, value.emplace());
          },
          [=](const std::optional<V>& value) { return value ? codec.write(*value) : Json(); },
          codec.parts};
}

template <class T>
Codec<T> map_of(const FieldTable<T>& fields) {
  return {"map",
          [=](const Field& field, T& value) { fields.read(field, value); },
          [=](const T& value) { return fields.write(value); },
          fields.describe()};
}

template <class V>
Codec<std::vector<V>> list_of(const Codec<V>& codec) {
  Codec<std::vector<V>> list;
  list.type = codec.parts.empty() ? "list: " + codec.type : "list of maps";
  list.read = [=](const Field& field, std::vector<V>& values) {
    for (const Field& item : field.list()) codec.read(item, values.emplace_back());
  };
  list.write = [=](const std::vector<V>& values) {
    Json items = Json::array();
    for (const V& value : values) items.push_back(codec.write(value));
    return items;
  };
  append_below("[]", codec.parts, list.parts);
  return list;
}

// A map of names that the file chooses: each item has one, and a value, in two of its members.
template <class Item, class Name, class Value, class V>
Codec<std::vector<Item>> by_name(const std::string& type,
                                 Name Item::*name,
                                 Value Item::*value,
                                 const Codec<V>& codec) {
  return {type,
          [=](const Field& field, std::vector<Item>& items) {
            MapReader map(field);
            for (const auto& [key, entry] : map.all()) {
              if (!is_identifier(key)) {
                entry.fail("name " + shown(key) + "; expected letters, digits, '_' and '-'");
              }
              Item& item = items.emplace_back();
              item.*name = key;
              codec.read(entry, item.*value);
            }
          },
          [=](const std::vector<Item>& items) {
            Json map = Json::object();
            for (const Item& item : items) map[item.*name] = codec.write(item.*value);
            return map;
          }};
}

}  // namespace masala::io
