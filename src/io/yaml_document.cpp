// Builds a Document from yaml-cpp's events, which carry the location of every node, keep duplicate
// keys, and let us stop at the nesting limit.
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "io/document.h"
#include "masala/io/input_error.h"
#include "masala/io/text.h"

namespace masala::io {
namespace {

// yaml-cpp counts from 0.
Location location(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1};
}

// The key whose value, a map or a list of maps, adds its keys to the map that it stands in.
constexpr const char* kMergeKey = "<<";

class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const std::string& path) : path_(path) {}

  std::shared_ptr<const Node> root() const { return root_; }
  Location document_start() const { return document_start_; }

  void OnDocumentStart(const YAML::Mark& mark) override { document_start_ = location(mark); }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto node = make(Node::Kind::null, mark);
    // The mark of an absent value is not near it; its key is.
    if (!open_.empty() && open_.back().key != nullptr) node->at = open_.back().key->at;
    add_scalar(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto target = anchors_.find(anchor);
    if (target == anchors_.end()) {
      fail(location(mark), "unknown alias; expected the name of an anchor above");
    }
    const Sized& aliased = target->second;
    for (const Open& open : open_) {
      if (open.sized.node == aliased.node) {
        fail(location(mark), "alias of a node that contains it; expected no recursion");
      }
    }
    num_aliased_ += aliased.num_values;
    if (num_aliased_ > kMaxAliased) {
      fail(location(mark),
           "the aliases so far stand for too much; expected at most " +
               std::to_string(kMaxAliased) + " values");
    }
    aliased.node->is_aliased = true;
    add(aliased);
  }

  void OnScalar(const YAML::Mark& mark,
                const std::string& tag,
                YAML::anchor_t anchor,
                const std::string& value) override {
    auto node = make(Node::Kind::scalar, mark);
    node->text = value;
    node->is_quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    add_scalar(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark,
                       const std::string& /*tag*/,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(make(Node::Kind::list, mark), anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark,
                  const std::string& /*tag*/,
                  YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(make(Node::Kind::map, mark), anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  // A node and how many values it holds with everything below it, aliases followed.
  struct Sized {
    std::shared_ptr<Node> node;
    std::size_t num_values = 1;
  };

  // A list or map being read; `key` is set between the events of a key and of its value.
  struct Open {
    Sized sized;
    YAML::anchor_t anchor = 0;
    std::shared_ptr<const Node> key;
    std::shared_ptr<const Node> merged;  // value of the merge key
  };

  [[noreturn]] void fail(Location at, const std::string& message) const {
    throw InputError(located(path_, at, "", message));
  }

  static std::shared_ptr<Node> make(Node::Kind kind, const YAML::Mark& mark) {
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->at = location(mark);
    return node;
  }

  void add_scalar(std::shared_ptr<Node> node, YAML::anchor_t anchor) {
    const Sized sized{std::move(node), 1};
    if (anchor != 0) anchors_[anchor] = sized;
    add(sized);
  }

  void open(std::shared_ptr<Node> node, YAML::anchor_t anchor) {
    if (open_.size() >= kMaxNesting) {
      fail(node->at,
           "nested too deeply; expected at most " + std::to_string(kMaxNesting) + " levels");
    }
    open_.push_back({{std::move(node), 1}, anchor, nullptr, nullptr});
    if (anchor != 0) anchors_[anchor] = open_.back().sized;
  }

  void close() {
    const Open closed = std::move(open_.back());
    open_.pop_back();
    if (closed.merged != nullptr) merge(*closed.merged, *closed.sized.node);
    if (closed.anchor != 0) anchors_[closed.anchor] = closed.sized;
    add(closed.sized);
  }

  void add(const Sized& sized) {
    if (open_.empty()) {
      root_ = sized.node;
      return;
    }
    Open& parent = open_.back();
    parent.sized.num_values += sized.num_values;
    if (parent.sized.node->kind == Node::Kind::list) {
      parent.sized.node->items.push_back(sized.node);
    } else if (parent.key == nullptr) {
      if (sized.node->kind != Node::Kind::scalar) {
        fail(sized.node->at, "not a plain key; expected a name");
      }
      parent.key = sized.node;
    } else {
      add_entry(parent, sized.node);
      parent.key = nullptr;
    }
  }

  void add_entry(Open& parent, std::shared_ptr<const Node> value) const {
    const Node& key = *parent.key;
    if (key.text != kMergeKey || key.is_quoted) {
      parent.sized.node->entries.push_back({key.text, key.at, std::move(value)});
      return;
    }
    if (parent.merged != nullptr) {
      fail(key.at, "<<: given twice; expected one, of a list of maps");
    }
    parent.merged = std::move(value);
  }

  // Adds the keys that `map` lacks: its own win over merged ones, earlier maps over later ones.
  // They keep the location where they stand.
  void merge(const Node& merged, Node& map) const {
    std::vector<const Node*> sources = {&merged};
    if (merged.kind == Node::Kind::list) {
      sources.clear();
      for (const auto& item : merged.items) sources.push_back(item.get());
    }
    std::set<std::string> keys;
    for (const Node::Entry& entry : map.entries) keys.insert(entry.key);
    for (const Node* source : sources) {
      if (source->kind != Node::Kind::map) {
        fail(source->at, "<<: not a map; expected a map, or a list of maps");
      }
      const std::size_t num_before = map.entries.size();
      for (const Node::Entry& entry : source->entries) {
        if (keys.count(entry.key) == 0) map.entries.push_back(entry);
      }
      // Only now: a key that a source has twice is to be found by whoever reads the map.
      for (std::size_t i = num_before; i < map.entries.size(); ++i) keys.insert(map.entries[i].key);
    }
  }

  const std::string& path_;
  std::shared_ptr<const Node> root_;
  Location document_start_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Sized> anchors_;
  std::size_t num_aliased_ = 0;
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
      throw InputError(located(path, {1}, "", "empty; expected a YAML document"));
    }
    TreeBuilder second(path);
    if (parser.HandleNextDocument(second)) {
      throw InputError(located(path,
                               {second.document_start().line},
                               "",
                               "a second YAML document; expected one per file"));
    }
    return {path, first.root()};
  } catch (const YAML::Exception& error) {
    const Location at = location(error.mark);
    throw InputError(located(path, at, "", "not valid YAML: " + error.msg));
  }
}

}  // namespace masala::io
