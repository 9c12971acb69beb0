// Builds a Document from yaml-cpp's events, which carry the location of every node, keep duplicate
// keys, and let us stop at the nesting limit.
#include <map>
#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "io/document.h"
#include "io/input_error.h"
#include "io/text.h"

namespace masala::io {
namespace {

// yaml-cpp counts from 0.
Location location(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1};
}

class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const std::string& path) : path_(path) {}

  std::shared_ptr<const Node> root() const { return root_; }
  Location document_start() const { return document_start_; }

  void OnDocumentStart(const YAML::Mark& mark) override { document_start_ = location(mark); }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto node = make(Node::Kind::null, mark, anchor);
    // The mark of an absent value is not near it; its key is.
    if (!open_.empty() && open_.back().key != nullptr) node->at = open_.back().key->at;
    add(std::move(node));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto target = anchors_.find(anchor);
    const bool is_known = target != anchors_.end();
    for (const Open& open : open_) {
      if (is_known && open.node == target->second) {
        fail(location(mark), "alias of a node that contains it; expected no recursion");
      }
    }
    if (!is_known) fail(location(mark), "unknown alias; expected the name of an anchor above");
    add(target->second);
  }

  void OnScalar(const YAML::Mark& mark,
                const std::string& tag,
                YAML::anchor_t anchor,
                const std::string& value) override {
    auto node = make(Node::Kind::scalar, mark, anchor);
    node->text = value;
    node->is_quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark,
                       const std::string& /*tag*/,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(make(Node::Kind::list, mark, anchor));
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark,
                  const std::string& /*tag*/,
                  YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(make(Node::Kind::map, mark, anchor));
  }
  void OnMapEnd() override { close(); }

 private:
  // A list or map being read; `key` is set between the events of a key and of its value.
  struct Open {
    std::shared_ptr<Node> node;
    std::shared_ptr<const Node> key;
  };

  [[noreturn]] void fail(Location at, const std::string& message) const {
    throw InputError(located(path_, at.line, at.column, "", message));
  }

  std::shared_ptr<Node> make(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->at = location(mark);
    if (anchor != 0) anchors_[anchor] = node;
    return node;
  }

  void open(std::shared_ptr<Node> node) {
    if (open_.size() >= kMaxNesting) {
      fail(node->at,
           "nested too deeply; expected at most " + std::to_string(kMaxNesting) + " levels");
    }
    open_.push_back({std::move(node), nullptr});
  }

  void close() {
    const std::shared_ptr<Node> node = open_.back().node;
    open_.pop_back();
    add(node);
  }

  void add(std::shared_ptr<const Node> node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node->kind == Node::Kind::list) {
      parent.node->items.push_back(std::move(node));
    } else if (parent.key == nullptr) {
      if (node->kind != Node::Kind::scalar) fail(node->at, "not a plain key; expected a name");
      parent.key = std::move(node);
    } else {
      parent.node->entries.push_back({parent.key->text, parent.key->at, std::move(node)});
      parent.key = nullptr;
    }
  }

  const std::string& path_;
  std::shared_ptr<const Node> root_;
  Location document_start_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, std::shared_ptr<const Node>> anchors_;
};

}  // namespace

Document parse_yaml(const std::string& text, const std::string& path) {
  require_text(text, path);
  std::istringstream stream(text);
  try {
    YAML::Parser parser(stream);
    TreeBuilder first(path);
    if (!parser.HandleNextDocument(first) || first.root() == nullptr ||
        first.root()->kind == Node::Kind::null) {
      throw InputError(located(path, 1, 0, "", "empty; expected a YAML document"));
    }
    TreeBuilder second(path);
    if (parser.HandleNextDocument(second)) {
      throw InputError(located(path,
                               second.document_start().line,
                               0,
                               "",
                               "a second YAML document; expected one per file"));
    }
    return {path, first.root()};
  } catch (const YAML::Exception& error) {
    const Location at = location(error.mark);
    throw InputError(located(path, at.line, at.column, "", "not valid YAML: " + error.msg));
  }
}

}  // namespace masala::io
