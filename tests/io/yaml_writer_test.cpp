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
    EXPECT_EQ(std::stod(yaml_number(value)), value);
  }
  EXPECT_EQ(yaml_number(64.0), "64");
}

TEST(YamlWriter, MapsAreBlocksAndTheirLeavesFlow) {
  const auto json = nlohmann::ordered_json::parse(
      R"({"a": 1, "b": {"c": [1, 2.5], "d": null}, "e": [{"x": {"K": 1}, "y": "s t"}, {}], "f": []})");
  EXPECT_EQ(yaml_from_json(json),
            "a: 1\n"
            "b:\n"
            "  c: [1, 2.5]\n"
            "  d: null\n"
            "e:\n"
            "  - x: {K: 1}\n"
            "    y: \"s t\"\n"
            "  - {}\n"
            "f: []\n");
}

}  // namespace
}  // namespace masala::io
