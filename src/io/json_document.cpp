// Builds a Document from nlohmann's SAX events; nodes have no location, syntax errors do.
#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "io/document.h"
#include "masala/io/input_error.h"
#include "masala/io/text.h"

namespace masala::io {
namespace {

using Json = nlohmann::json;

// "[json.exception...] parse error at line 1, column 2: syntax error while ... - unexpected ...;
// expected ..." without the parts that we say ourselves.
std::string reason(std::string_view message) {
  for (const std::string_view lead : {" - ", ": ", "] "}) {
    const std::size_t at = message.find(lead);
    if (at != std::string_view::npos) return std::string(message.substr(at + lead.size()));
  }
  return std::string(message);
}

class JsonTreeBuilder : public nlohmann::json_sax<Json> {
 public:
  JsonTreeBuilder(const std::string& text, const std::string& path) : text_(text), path_(path) {}

  std::shared_ptr<const Node> root() const { return root_; }

  bool null() override { return add(std::make_shared<Node>()); }
  bool boolean(bool value) override { return add_scalar(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return add_scalar(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override {
    return add_scalar(std::to_string(value));
  }
  bool number_float(number_float_t /*value*/, const string_t& text) override {
    return add_scalar(text);
  }
  bool string(string_t& value) override { return add_scalar(value, true); }
  bool binary(binary_t& /*value*/) override { return false; }

  bool start_object(std::size_t /*elements*/) override { return open(Node::Kind::map); }
  bool key(string_t& value) override {
    open_.back().key = value;
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t /*elements*/) override { return open(Node::Kind::list); }
  bool end_array() override { return close(); }

  bool parse_error(std::size_t byte,
                   const std::string& /*last*/,
                   const Json::exception& error) override {
    const std::size_t at = std::min(byte > 0 ? byte - 1 : 0, text_.size());
    const auto line =
        1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    const std::size_t line_start = at == 0 ? std::string::npos : text_.rfind('\n', at - 1);
    const std::size_t column = line_start == std::string::npos ? at + 1 : at - line_start;
    throw InputError(located(path_,
                             {static_cast<std::size_t>(line), column},
                             "",
                             "not valid JSON: " + reason(error.what())));
  }

 private:
  struct Open {
    std::shared_ptr<Node> node;
    std::string key;
  };

  bool add_scalar(std::string text, bool is_quoted = false) {
    auto node = std::make_shared<Node>();
    node->kind = Node::Kind::scalar;
    node->text = std::move(text);
    node->is_quoted = is_quoted;
    return add(std::move(node));
  }

  bool open(Node::Kind kind) {
    if (open_.size() >= kMaxNesting) {
      throw InputError(path_ + ": nested too deeply; expected at most " +
                       std::to_string(kMaxNesting) + " levels");
    }
    auto node = std::make_shared<Node>();
    node->kind = kind;
    open_.push_back({std::move(node), ""});
    return true;
  }

  bool close() {
    std::shared_ptr<Node> node = std::move(open_.back().node);
    open_.pop_back();
    return add(std::move(node));
  }

  bool add(std::shared_ptr<Node> node) {
    if (open_.empty()) {
      root_ = std::move(node);
    } else if (open_.back().node->kind == Node::Kind::list) {
      open_.back().node->items.push_back(std::move(node));
    } else {
      open_.back().node->entries.push_back({open_.back().key, {}, std::move(node)});
    }
    return true;
  }

  const std::string& text_;
  const std::string& path_;
  std::shared_ptr<const Node> root_;
  std::vector<Open> open_;
};

}  // namespace

Document parse_json(const std::string& text, const std::string& path) {
  require_text(text, path);
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw InputError(located(path, {1}, "", "empty; expected a JSON document"));
  }
  JsonTreeBuilder builder(text, path);
  Json::sax_parse(text, &builder);
  return {path, builder.root()};
}

}  // namespace masala::io
