#include "io/yaml_writer.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io/document.h"

namespace masala::io {
namespace {

TEST(YamlWriter, StringsReadBackAsTheSameText) {
  for (const char* text : {"conv1",
                           "8_2_conv",
                           "_outputs.3",
                           "true",
                           "No",
                           "null",
                           "~",
                           "",
                           "a: b",
                           "- x",
                           "#",
                           "3",
                           "1e3",
                           "a\"b\\c",
                           "tab\tnew\nline",
                           " blank ",
                           "größe",
                           "*x",
                           "[1]"}) {
    const Document document = parse_yaml("k: " + yaml_scalar(text) + "\n", "f");
    EXPECT_EQ(document.root->entries[0].value->text, text) << yaml_scalar(text);
  }
  EXPECT_EQ(yaml_scalar("conv1"), "conv1");
  EXPECT_EQ(yaml_scalar("true"), "\"true\"") << "other readers would see a boolean";
}

TEST(YamlWriter, NumbersReadBackAsTheSameDouble) {
  for (double value : {0.1, 64.0, 3.869e-4, 1e22, 0.05025125628140704}) {
    EXPECT_EQ(std::stod(yaml_flow(value)), value);
  }
  EXPECT_EQ(yaml_flow(64.0), "64");
}

TEST(YamlWriter, ProductsArePlain) {
  EXPECT_EQ(yaml_scalar("2 * pe_dim"), "2 * pe_dim");
  EXPECT_EQ(yaml_scalar("0.5 * pe_dim"), "0.5 * pe_dim");
  EXPECT_EQ(yaml_scalar("2 * no"), "\"2 * no\"") << "as the name alone";
  EXPECT_EQ(yaml_scalar("2 * 3"), "\"2 * 3\"");
}

TEST(YamlWriter, BlocksAreThoseNamed) {
  const auto json = nlohmann::ordered_json::parse(
      R"({"a": 1, "b": {"c": [1, 2.5], "d": null}, "e": [{"x": {"K": 1}, "y": "s t"}, {}], "f": []})");
  EXPECT_EQ(yaml_from_json(json, {"b", "e", "e[]", "f"}),
            "a: 1\n"
            "b:\n"
            "  c: [1, 2.5]\n"
            "  d: null\n"
            "e:\n"
            "  - x: {K: 1}\n"
            "    y: \"s t\"\n"
            "  - {}\n"
            "f: []\n");
  EXPECT_EQ(yaml_from_json(json, {"e"}),
            "a: 1\n"
            "b: {c: [1, 2.5], d: null}\n"
            "e:\n"
            "  - {x: {K: 1}, y: \"s t\"}\n"
            "  - {}\n"
            "f: []\n");
}

}  // namespace
}  // namespace masala::io
