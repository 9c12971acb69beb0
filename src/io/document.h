// A parsed YAML or JSON file as a tree of nodes that know where they stand.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "masala/io/input_error.h"

namespace masala::io {

struct Node {
  enum class Kind { null, scalar, list, map };
  struct Entry;

  Kind kind = Kind::null;
  Location at;                                     // unknown in JSON
  std::string text;                                // of a scalar
  bool is_quoted = false;                          // a scalar in quotes is text, never a number
  bool is_aliased = false;                         // YAML uses it again further down
  std::vector<std::shared_ptr<const Node>> items;  // of a list
  // Of a map, in file order, duplicates included; those of YAML's merge key after its own.
  std::vector<Entry> entries;
};

struct Node::Entry {
  std::string key;
  Location at;  // of the key
  std::shared_ptr<const Node> value;
};

struct Document {
  std::string path;
  std::shared_ptr<const Node> root;
};

// Deepest nesting of lists and maps accepted.
inline constexpr std::size_t kMaxNesting = 64;
// Values that the aliases of a YAML document may stand for, all together: few lines of aliases of
// aliases can stand for more than any reader should walk through.
inline constexpr std::size_t kMaxAliased = 1000000;

// One document; syntax errors, several documents, none, and excessive nesting throw an InputError.
Document parse_yaml(const std::string& text, const std::string& path);
Document parse_json(const std::string& text, const std::string& path);

// Where the node named by a key path such as "levels[1].capacity.kib" stands, or else its nearest
// enclosing one.
Location locate(const Document& document, std::string_view key_path);

}  // namespace masala::io
