#include "io/document.h"

#include "masala/io/text.h"

namespace masala::io {
namespace {

// Splits the first step off a key path: "levels[1].kib" -> "levels", then "[1]", then "kib".
std::string_view take_step(std::string_view& key_path) {
  if (!key_path.empty() && key_path[0] == '.') key_path.remove_prefix(1);
  const std::size_t end = key_path.find_first_of(".[", 1);
  const std::string_view step = key_path.substr(0, end);
  key_path.remove_prefix(step.size());
  return step;
}

}  // namespace

Location locate(const Document& document, std::string_view key_path) {
  const Node* node = document.root.get();
  Location at = node->at;
  while (!key_path.empty()) {
    const std::string_view step = take_step(key_path);
    const Node* child = nullptr;
    if (step.size() > 2 && step.front() == '[') {
      const auto index = parse_integer(step.substr(1, step.size() - 2));
      if (index && *index >= 0 && static_cast<std::size_t>(*index) < node->items.size()) {
        child = node->items[static_cast<std::size_t>(*index)].get();
      }
    }
    for (const Node::Entry& entry : node->entries) {
      if (child == nullptr && entry.key == step) child = entry.value.get();
    }
    if (child == nullptr) break;
    node = child;
    at = node->at;
  }
  return at;
}

}  // namespace masala::io
