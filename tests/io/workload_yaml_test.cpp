#include "masala/io/workload_yaml.h"

#include <gtest/gtest.h>

#include "io/data_dir.h"
#include "io/io_test_support.h"

namespace masala::io {
namespace {

using model::Dim;
using model::Layer;
using model::Workload;

std::string layer_error(const std::string& layer) {
  return error_of([&] { parse_workload("name: w\nlayers:\n  - " + layer + "\n", "f"); });
}

const std::string kBounds = "R: 1, S: 1, P: 1, Q: 1, C: 1, K: 1, N: 1";

TEST(WorkloadYaml, OptionalKeysDefaultToOne) {
  const Workload workload = parse_workload(
      "name: w\nlayers:\n"
      "  - {name: 8_2, R: 3, S: 2, P: 5, Q: 7, C: 11, K: 13, N: 17}\n"
      "  - {name: b, " +
          kBounds + ", stride: [2, 3], dilation: 4, groups: 5, count: 6}\n",
      "f");
  const Layer& a = workload.layers[0];
  EXPECT_EQ(a.name, "8_2");
  EXPECT_EQ(a.bounds.values, (std::array<std::int64_t, 7>{3, 2, 5, 7, 11, 13, 17}));
  EXPECT_EQ(a.stride_w * a.stride_h * a.dilation_w * a.dilation_h * a.groups * a.count, 1);
  const Layer& b = workload.layers[1];
  EXPECT_EQ(b.stride_w, 2);
  EXPECT_EQ(b.stride_h, 3);
  EXPECT_EQ(b.dilation_w, 4);
  EXPECT_EQ(b.dilation_h, 4);
  EXPECT_EQ(b.groups, 5);
  EXPECT_EQ(b.count, 6);
}

TEST(WorkloadYaml, EveryBuiltInOneSurvivesARoundTrip) {
  for (const DataFile& file : builtin_files("workloads")) {
    const Workload workload = read_workload(file.path);
    EXPECT_EQ(workload.name, file.name);
    const Workload again = parse_workload(to_yaml(workload), file.path);
    ASSERT_EQ(again.layers.size(), workload.layers.size());
    EXPECT_EQ(again.name, workload.name);
    for (std::size_t i = 0; i < workload.layers.size(); ++i) {
      EXPECT_EQ(again.layers[i].name, workload.layers[i].name);
      EXPECT_TRUE(model::same_shape(again.layers[i], workload.layers[i]));
      EXPECT_EQ(again.layers[i].groups, workload.layers[i].groups);
      EXPECT_EQ(again.layers[i].count, workload.layers[i].count);
    }
  }
}

TEST(WorkloadYaml, FlatProblemIsOneLayerNamedAfterTheFile) {
  const Workload workload = parse_workload(
      "problem: {shape: cnn-layer, C: 64, K: 32, P: 7, R: 3, Wstride: 2, Hdilation: 3}\n",
      "x/conv9.yaml");
  ASSERT_EQ(workload.layers.size(), 1u);
  const Layer& layer = workload.layers[0];
  EXPECT_EQ(workload.name, "conv9");
  EXPECT_EQ(layer.name, "conv9");
  EXPECT_EQ(layer.bounds.values, (std::array<std::int64_t, 7>{3, 1, 7, 1, 64, 32, 1}));
  EXPECT_EQ(layer.stride_w, 2);
  EXPECT_EQ(layer.stride_h, 1);
  EXPECT_EQ(layer.dilation_h, 3);
  EXPECT_NO_THROW(parse_workload("problem:\n  shape: {name: CNN, dimensions: [C]}\n  C: 2\n", "f"));
}

TEST(WorkloadYaml, ProblemsNameTheirPlace) {
  const std::pair<std::string, std::string> cases[] = {
      {"{" + kBounds + "}", "f:3:5: layers[0].name: missing; expected it in this map"},
      {"{name: '', " + kBounds + "}",
       "f:3:12: layers[0].name: got the text \"\"; expected a text that is not empty"},
      {"{name: a, R: 1, S: 1, P: 1, Q: 1, C: 1, N: 1}",
       "f:3:5: layers[0].K: missing; expected it in this map"},
      {"{name: a, R: 0, S: 1, P: 1, Q: 1, C: 1, K: 1, N: 1}",
       "f:3:18: layers[0].R: got 0; expected an integer from 1 to 2147483648"},
      {"{name: a, " + kBounds + ", strides: [1, 1]}",
       "f:3:57: layers[0].strides: unknown key (did you mean stride?)"},
      {"{name: a, " + kBounds + ", stride: [1, 1, 1]}",
       "f:3:65: layers[0].stride: got 3 values; expected [w, h], or one integer for both"},
      {"{name: a, " + kBounds + ", K: 2}",
       "f:3:57: layers[0].K: given twice; expected each key once"},
      {"{name: a, R: 1, S: 1, P: 1, Q: 1, C: 2147483648, K: 2147483648, N: 1}",
       "f:3:5: layers[0]: layer too large: MACs x (strides + dilations) x groups x count exceed "
       "2^53; "
       "expected a shape whose words a double counts exactly"},
      {"{name: a, " + kBounds + "}\n  - {name: a, " + kBounds + "}",
       "f:4:5: layers[1]: name \"a\" given twice; expected distinct layer names"},
      {"3", "f:3:5: layers[0]: got 3; expected a map"},
  };
  for (const auto& [layer, expected] : cases) EXPECT_EQ(layer_error(layer), expected);
}

TEST(WorkloadYaml, KeysOfOtherToolsAreNamedOnceWithWhatToWrite) {
  EXPECT_EQ(
      layer_error("{name: a, kernel: 3, H: 8, W: 8, in_channels: 3, out_channels: 4, batch: 1}"),
      "f:3:15: layers[0].kernel: unknown key; expected R and S, the width and height of the "
      "filter\n"
      "f:3:26: layers[0].H: unknown key; expected P and Q, the output sizes: "
      "P = (W + 2 pad - R) / stride + 1, Q = (H + 2 pad - S) / stride + 1\n"
      "f:3:32: layers[0].W: unknown key; expected P and Q, the output sizes: "
      "P = (W + 2 pad - R) / stride + 1, Q = (H + 2 pad - S) / stride + 1\n"
      "f:3:38: layers[0].in_channels: unknown key; expected C, the input channels of one group\n"
      "f:3:54: layers[0].out_channels: unknown key; expected K, the output channels of one group\n"
      "f:3:71: layers[0].batch: unknown key; expected N");
  EXPECT_EQ(
      layer_error("{name: a, M: 128, K: 256, N: 512}"),
      "f:3:15: layers[0].M: unknown key; expected rows of a matrix multiply as P: of M x K by "
      "K x N, P is M, C is K, K is N, and R, S, Q and N are 1");
  EXPECT_EQ(error_of([] { parse_workload("problem: {h: 3}\n", "f"); }),
            "f:1:11: problem.h: unknown key; expected P and Q, the output sizes: "
            "P = (W + 2 pad - R) / stride + 1, Q = (H + 2 pad - S) / stride + 1");
}

TEST(WorkloadYaml, KeysInAnotherCaseAreNamedOnce) {
  EXPECT_EQ(layer_error("{name: a, r: 1, s: 1, P: 1, Q: 1, C: 1, K: 1, N: 1}"),
            "f:3:15: layers[0].r: unknown key (did you mean R?)\n"
            "f:3:21: layers[0].s: unknown key (did you mean S?)");
}

std::string warnings_of(const std::string& layers) {
  Warnings warnings;
  parse_workload("name: w\nlayers:\n" + layers, "f", &warnings);
  std::string text;
  for (const std::string& warning : warnings) text += warning + "\n";
  return text;
}

// C and K are of one group, so that a depthwise layer has one input channel in each.
TEST(WorkloadYaml, ADepthwiseLayerInAnotherNotationIsReadWithAWarning) {
  EXPECT_EQ(warnings_of("  - {name: a, R: 3, S: 3, P: 8, Q: 8, C: 32, K: 32, N: 1, groups: 32}\n"
                        "  - {name: b, R: 1, S: 3, P: 8, Q: 8, C: 8, K: 16, N: 1, groups: 8}\n"),
            "f:3:5: layers[0]: C and K are of one group: 32 groups of 32 input and 32 output "
            "channels; expected C: 1, K: 1, groups: 32 if it is depthwise\n"
            "f:4:5: layers[1]: C and K are of one group: 8 groups of 8 input and 16 output "
            "channels; expected C: 1, K: 2, groups: 8 if it is depthwise\n");
}

TEST(WorkloadYaml, GroupsThatAreMeantGiveNoWarning) {
  EXPECT_EQ(warnings_of("  - {name: a, R: 3, S: 3, P: 8, Q: 8, C: 1, K: 1, N: 1, groups: 32}\n"),
            "");
  EXPECT_EQ(warnings_of("  - {name: a, R: 1, S: 1, P: 8, Q: 1, C: 32, K: 32, N: 1, groups: 32}\n"),
            "")
      << "heads of attention";
  EXPECT_EQ(warnings_of("  - {name: a, R: 3, S: 3, P: 8, Q: 8, C: 32, K: 32, N: 1, groups: 32}\n"
                        "  - {name: b, R: 3, S: 3, P: 8, Q: 8, C: 16, K: 16, N: 1, groups: 32}\n"),
            "")
      << "as in ResNeXt: the second layer can only be per group";
  for (const DataFile& file : builtin_files("workloads")) {
    Warnings warnings;
    read_workload(file.path, &warnings);
    EXPECT_TRUE(warnings.empty()) << file.path;
  }
}

TEST(WorkloadYaml, AWorkloadHasLayers) {
  EXPECT_EQ(error_of([] { parse_workload("name: w\nlayers: []\n", "f"); }),
            "f:2:9: layers: empty; expected at least one layer");
  EXPECT_EQ(error_of([] { parse_workload("name: w\n", "f"); }),
            "f:1:1: layers: missing; expected it in this map");
  EXPECT_EQ(error_of([] { parse_workload("name: w\nlayer: []\n", "f"); }),
            "f:1:1: layers: missing; expected it in this map\n"
            "f:2:1: layer: unknown key (did you mean layers?)");
}

}  // namespace
}  // namespace masala::io
