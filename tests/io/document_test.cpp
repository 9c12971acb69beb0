#include "io/document.h"

#include <gtest/gtest.h>

#include "io/io_test_support.h"

namespace masala::io {
namespace {

std::string yaml_error(const std::string& text) {
  return error_of([&] { parse_yaml(text, "f"); });
}
std::string json_error(const std::string& text) {
  return error_of([&] { parse_json(text, "f"); });
}
std::string nested(std::size_t depth, const std::string& open, const std::string& close) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += open;
  for (std::size_t i = 0; i < depth; ++i) text += close;
  return text;
}

TEST(YamlDocument, NodesKnowWhereTheyStand) {
  const Document document = parse_yaml("name: x\nlevels:\n  - {kib: 3}\n  - keeps:\n", "f");
  const auto at = [&](const char* key_path) {
    const Location location = locate(document, key_path);
    return std::make_pair(location.line, location.column);
  };
  EXPECT_EQ(at("name"), std::make_pair(std::size_t{1}, std::size_t{7}));
  EXPECT_EQ(at("levels[0].kib"), std::make_pair(std::size_t{3}, std::size_t{11}));
  EXPECT_EQ(at("levels[1].capacity.kib"), at("levels[1]")) << "the nearest enclosing node";
  EXPECT_EQ(at("levels[7]"), at("levels"));
  EXPECT_EQ(at("nothing"), at(""));
  EXPECT_EQ(at("levels[x"), at("levels"));
}

TEST(YamlDocument, ErrorsSayWhere) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "f:1: empty; expected a YAML document"},
      {"# only a comment\n", "f:1: empty; expected a YAML document"},
      {"~\n", "f:1: empty; expected a YAML document"},
      {"a: 1\n---\nb: 2\n", "f:2: a second YAML document; expected one per file"},
      {"a: [1, 2\nb: 3\n", "f:2:2: not valid YAML: end of sequence flow not found"},
      {"a: 1\n\tb: 2\n", "f:2:1: not valid YAML: illegal tab when looking for indentation"},
      {"a: &x [1, *x]\n", "f:1:11: alias of a node that contains it; expected no recursion"},
      {"? [1, 2]\n: 3\n", "f:1:3: not a plain key; expected a name"},
      {"a: \x01\n", "f:1: control character; expected a text file"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(yaml_error(text), expected) << text;
}

TEST(YamlDocument, AliasesShareTheirNode) {
  const Document document = parse_yaml("a: &x {k: 1}\nb: *x\n", "f");
  EXPECT_EQ(document.root->entries[0].value, document.root->entries[1].value);
}

// "key=text@line" of every entry, in order.
std::string shown_entries(const Node& map) {
  std::string text;
  for (const Node::Entry& entry : map.entries) {
    text += (text.empty() ? "" : " ") + entry.key + "=" + entry.value->text + "@" +
            std::to_string(entry.value->at.line);
  }
  return text;
}

TEST(YamlDocument, MergeKeysAddTheKeysOfOtherMaps) {
  const auto merged = [](const std::string& map) {
    const std::string text = "x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz: &z {<<: *y, d: 5}\nm:\n";
    return shown_entries(*parse_yaml(text + map, "f").root->entries.back().value);
  };
  EXPECT_EQ(merged("  <<: *x\n  e: 6\n"), "e=6@6 a=1@1 b=2@1");
  EXPECT_EQ(merged("  <<: *x\n  b: 6\n"), "b=6@6 a=1@1") << "its own win, wherever they stand";
  EXPECT_EQ(merged("  b: 6\n  <<: *x\n"), "b=6@5 a=1@1");
  EXPECT_EQ(merged("  <<: [*x, *y]\n"), "a=1@1 b=2@1 c=4@2") << "earlier maps win";
  EXPECT_EQ(merged("  <<: [*y, *x]\n"), "b=3@2 c=4@2 a=1@1");
  EXPECT_EQ(merged("  <<: *z\n"), "d=5@3 b=3@2 c=4@2") << "merges of merges";
  EXPECT_EQ(merged("  <<: {a: 7}\n"), "a=7@5") << "a map of its own";
  EXPECT_EQ(merged("  <<: []\n  a: 8\n"), "a=8@6");
  EXPECT_EQ(merged("  '<<': 7\n"), "<<=7@5") << "text in quotes is a key like others";
  EXPECT_EQ(merged("  <<: {a: 1, a: 2}\n"), "a=1@5 a=2@5") << "duplicates are kept, to be reported";
}

TEST(YamlDocument, MergeKeysTakeMaps) {
  EXPECT_EQ(yaml_error("a: &x 3\nb: {<<: *x}\n"),
            "f:1:4: <<: not a map; expected a map, or a list of maps");
  EXPECT_EQ(yaml_error("b: {<<: [{a: 1}, 4]}\n"),
            "f:1:18: <<: not a map; expected a map, or a list of maps");
  EXPECT_EQ(yaml_error("b: {<<: {a: 1}, <<: {b: 1}}\n"),
            "f:1:17: <<: given twice; expected one, of a list of maps");
  EXPECT_EQ(yaml_error("b: &x {<<: *x}\n"),
            "f:1:12: alias of a node that contains it; expected no recursion");
}

TEST(YamlDocument, WhatAliasesStandForIsLimited) {
  std::string lists = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
  std::string maps = "a0: &a0 {k0: 1, k1: 1, k2: 1, k3: 1}\n";
  for (int i = 1; i < 30; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    const std::string name = "a" + std::to_string(i);
    lists += name + ": &" + name + " [" + last + ", " + last + ", " + last + "]\n";
    maps +=
        name + ": &" + name + " {<<: [" + last + ", " + last + "], n" + name + ": " + last + "}\n";
  }
  const std::string expected =
      "the aliases so far stand for too much; expected at most 1000000 values";
  EXPECT_NE(yaml_error(lists).find(expected), std::string::npos) << yaml_error(lists);
  EXPECT_NE(yaml_error(maps).find(expected), std::string::npos) << yaml_error(maps);
}

TEST(YamlDocument, NestingIsLimited) {
  EXPECT_NO_THROW(parse_yaml(nested(kMaxNesting, "[", "]"), "f"));
  EXPECT_EQ(yaml_error(nested(kMaxNesting + 1, "[", "]")),
            "f:1:65: nested too deeply; expected at most 64 levels");
  EXPECT_EQ(yaml_error(nested(200000, "[", "]")),
            "f:1:65: nested too deeply; expected at most 64 levels");
  EXPECT_EQ(yaml_error(nested(5000, "- ", "")),
            "f:1:129: nested too deeply; expected at most 64 levels");
}

TEST(JsonDocument, HoldsValuesExactly) {
  const Document document = parse_json(
      "{\"a\": 18446744073709551615, \"b\": [0.1, -2, true, null, \"1\"], \"a\": {}}", "f");
  const auto& entries = document.root->entries;
  ASSERT_EQ(entries.size(), 3u) << "duplicates are kept, for the reader to report";
  EXPECT_EQ(entries[0].value->text, "18446744073709551615");
  const auto& items = entries[1].value->items;
  EXPECT_EQ(items[0]->text, "0.1");
  EXPECT_EQ(items[1]->text, "-2");
  EXPECT_EQ(items[2]->text, "true");
  EXPECT_EQ(items[3]->kind, Node::Kind::null);
  EXPECT_TRUE(items[4]->is_quoted);
}

TEST(JsonDocument, ErrorsSayWhere) {
  const std::pair<const char*, const char*> cases[] = {
      {" \n", "f:1: empty; expected a JSON document"},
      {"{\n  \"a\": 1,\n  b: 2}",
       "f:3:3: not valid JSON: invalid literal; last read: '1,<U+000A>  b'; expected string "
       "literal"},
      {"{\"a\": [1, 2", "f:1:12: not valid JSON: unexpected end of input; expected ']'"},
      {"{} {}", "f:1:4: not valid JSON: unexpected '{'; expected end of input"},
      {"[1e999]", "f:1:6: not valid JSON: number overflow parsing '1e999'"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(json_error(text), expected) << text;
  EXPECT_EQ(json_error(nested(100000, "[", "]")),
            "f: nested too deeply; expected at most 64 levels");
}

}  // namespace
}  // namespace masala::io
