#include "masala/io/design_json.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io/io_test_support.h"
#include "masala/io/accelerator_yaml.h"

namespace masala::io {
namespace {

using Json = nlohmann::ordered_json;
using model::Accelerator;

const Accelerator& gemmini() {
  static const Accelerator accelerator = read_accelerator(data_path("accelerators/gemmini.yaml"));
  return accelerator;
}

// One layer on the default hardware, with numbers that are hard to write.
DesignFile example() {
  DesignFile design;
  design.workload.name = "net";
  design.accelerator_name = "gemmini";
  design.accelerator_sha256 = "ab12";
  design.hardware = model::default_hardware(gemmini());
  design.latency_model = "roofline";
  design.objective = "edp";
  design.totals = {123456789.0, 0.1, 12345678.900000002, 1.0 / 3.0};
  model::Layer layer;
  layer.name = "conv: 1";
  layer.bounds = {{1, 1, 4, 1, 8, 2, 1}};
  layer.stride_w = 2;
  layer.groups = 3;
  layer.count = 5;
  design.workload.layers = {layer};
  design.mappings = {
      model::parse_mapping("L3[WIO] P4 - L2[WI] K2X - L1[O] C8X - L0[W] N1", gemmini()).mapping};
  design.results = {{4.0, 2.5e-3, "compute", {}}};
  design.search = {"gradient", 18446744073709551615u, 8, 1000, 0.25, {{10, 1e300}, {1000, 7.0}}};
  design.provenance = {
      "0.1.0", "1.13.1", "masala search --workload \"a b\"", {{"a/b c.yaml", "cd34"}}};
  return design;
}

std::string error_with(const std::string& pointer, const Json& value) {
  Json json = to_json(example(), gemmini());
  json[Json::json_pointer(pointer)] = value;
  return error_of([&] { parse_design(json.dump(), "d.json", gemmini()); });
}

TEST(DesignJson, HasTheDocumentedForm) {
  EXPECT_EQ(
      to_json(example(), gemmini()).dump(),
      R"({"schema":"masala.design/1","workload":"net","accelerator":{"name":"gemmini","sha256":"ab12"},)"
      R"("hardware":{"pe_dim":16,"scratchpad_kib":256,"accumulator_kib":64},"latency_model":"roofline",)"
      R"("latency_file":null,)"
      R"("objective":"edp","totals":{"cycles":123456789,"energy_uj":0.1,"edp_uj_cycles":12345678.900000002,)"
      R"("area_mm2":0.3333333333333333},"layers":[{"name":"conv: 1","count":5,"shape":{"R":1,"S":1,"P":4,)"
      R"("Q":1,"C":8,"K":2,"N":1,"stride":[2,1],"dilation":[1,1],"groups":3},)"
      R"("mapping":"L3[WIO] P4 - L2[WI] N1 K2X - L1[O] N1 C8X - L0[W] N1","cycles":4,"energy_uj":0.0025,)"
      R"("bottleneck":"compute"}],"search":{"method":"gradient","seed":18446744073709551615,"starts":8,)"
      R"("evaluations":1000,"seconds":0.25,"interrupted":false,"history":[[10,1e+300],[1000,7]]},"bound":null,)"
      R"("provenance":{"version":"0.1.0","torch":"1.13.1","command":"masala search --workload \"a b\"",)"
      R"("inputs":{"a/b c.yaml":"cd34"}}})");
}

TEST(DesignJson, ReadsBackExactly) {
  DesignFile design = example();
  for (bool is_bounded : {false, true}) {
    if (is_bounded) design.bound = DesignBound{12.5, 0.0};
    const Json json = to_json(design, gemmini());
    const DesignFile read = parse_design(json.dump(2), "d.json", gemmini());
    EXPECT_EQ(to_json(read, gemmini()), json);
    EXPECT_EQ(read.totals.area_mm2, 1.0 / 3.0);
    EXPECT_EQ(read.bound.has_value(), is_bounded);
  }
}

TEST(DesignJson, TheBoundIsInTheUnitOfTheObjective) {
  const struct {
    const char* objective;
    std::string bound;
  } cases[] = {
      {"edp", R"({"edp_uj_cycles":12.5,"gap_percent":0.25})"},
      {"energy", R"({"objective":"energy","value":12.5,"unit":"uJ","gap_percent":0.25})"},
      {"latency", R"({"objective":"latency","value":12.5,"unit":"cycles","gap_percent":0.25})"},
      {"ed2p", R"({"objective":"ed2p","value":12.5,"unit":"uJ.cycles^2","gap_percent":0.25})"},
      {"edap", R"({"objective":"edap","value":12.5,"unit":"uJ.cycles.mm2","gap_percent":0.25})"},
  };
  for (const auto& test : cases) {
    DesignFile design = example();
    design.objective = test.objective;
    design.bound = DesignBound{12.5, 0.25};
    const Json json = to_json(design, gemmini());
    EXPECT_EQ(json["bound"].dump(), test.bound);
    const DesignFile read = parse_design(json.dump(), "d.json", gemmini());
    EXPECT_EQ(to_json(read, gemmini()), json);
    ASSERT_TRUE(read.bound);
    EXPECT_EQ(read.bound->value, 12.5);
    EXPECT_EQ(read.bound->gap_percent, 0.25);
  }
}

TEST(DesignJson, ABoundOfAnotherObjectiveIsRefused) {
  Json json = to_json(example(), gemmini());
  json["bound"] = {{"objective", "energy"}, {"value", 1}, {"unit", "uJ"}, {"gap_percent", 0}};
  const auto error = [&] {
    return error_of([&] { parse_design(json.dump(), "d.json", gemmini()); });
  };
  EXPECT_EQ(error(),
            "d.json: bound.edp_uj_cycles: missing; expected it in this map\n"
            "d.json: bound.objective: unknown key; expected one of edp_uj_cycles, gap_percent\n"
            "d.json: bound.value: unknown key; expected one of edp_uj_cycles, gap_percent\n"
            "d.json: bound.unit: unknown key; expected one of edp_uj_cycles, gap_percent");
  json["objective"] = "latency";
  EXPECT_EQ(error(),
            "d.json: bound.objective: got the text \"energy\"; expected latency\n"
            "d.json: bound.unit: got the text \"uJ\"; expected cycles");
}

TEST(DesignJson, ADesignMayHaveNoArea) {
  DesignFile design = example();
  design.totals.area_mm2.reset();
  const Json json = to_json(design, gemmini());
  EXPECT_TRUE(json["totals"]["area_mm2"].is_null());
  EXPECT_FALSE(parse_design(json.dump(), "d.json", gemmini()).totals.area_mm2);
  EXPECT_EQ(error_with("/totals/area_mm2", "big"),
            "d.json: totals.area_mm2: got the text \"big\"; expected a number >= 0");
}

TEST(DesignJson, PredictedCyclesSayHowFarTheyCanBeTrusted) {
  DesignFile design = example();
  design.latency_model = "hybrid";
  design.results[0].confidence = Confidence{0.125, false};
  const Json json = to_json(design, gemmini());
  EXPECT_EQ(json["layers"][0]["cycles_log_std"], 0.125);
  EXPECT_EQ(json["layers"][0]["in_range"], false);
  const DesignFile read = parse_design(json.dump(), "d.json", gemmini());
  ASSERT_TRUE(read.results[0].confidence);
  EXPECT_EQ(read.results[0].confidence->cycles_log_std, 0.125);
  EXPECT_FALSE(read.results[0].confidence->in_range);
  EXPECT_EQ(error_with("/layers/0/in_range", true),
            "d.json: layers[0].cycles_log_std: missing; expected it in this map");
  EXPECT_EQ(error_with("/layers/0/cycles_log_std", -1),
            "d.json: layers[0].cycles_log_std: got -1; expected a number >= 0\n"
            "d.json: layers[0].in_range: missing; expected it in this map");
}

TEST(DesignJson, ProblemsNameTheirKeyPath) {
  const struct {
    const char* pointer;
    Json value;
    std::string expected;
  } cases[] = {
      {"/schema",
       "masala.design/2",
       "d.json: schema: got the text \"masala.design/2\"; expected \"masala.design/1\": a newer "
       "masala wrote it, and is needed to read it"},
      {"/schema",
       "masala.design/0",
       "d.json: schema: got the text \"masala.design/0\"; expected \"masala.design/1\": it is of "
       "an older masala, and to be searched anew"},
      {"/schema",
       "masala.compare/1",
       "d.json: schema: got the text \"masala.compare/1\"; expected \"masala.design/1\", of a "
       "design file"},
      {"/accelerator/name",
       "eyeriss",
       "d.json: accelerator.name: got the text \"eyeriss\"; expected the accelerator in use, "
       "gemmini"},
      {"/hardware/pe_dim",
       2.5,
       "d.json: hardware.pe_dim: got 2.5; expected an integer from 1 to 2147483647"},
      {"/hardware/scratchpad_kib",
       0,
       "d.json: hardware.scratchpad_kib: got 0; expected a number > 0"},
      {"/hardware/scratchpad_kib",
       2147483648,
       "d.json: hardware.scratchpad_kib: got 2147483648; expected at most 2147483647"},
      {"/hardware/l2_kib",
       4,
       "d.json: hardware: other keys than the accelerator's: l2_kib too many, nothing missing; "
       "expected pe_dim, scratchpad_kib, accumulator_kib, as gemmini has them"},
      {"/hardware",
       {{"pe_dim", 16}, {"buffer_kib", 4}},
       "d.json: hardware: other keys than the accelerator's: buffer_kib too many, scratchpad_kib, "
       "accumulator_kib missing; expected pe_dim, scratchpad_kib, accumulator_kib, as gemmini has "
       "them"},
      {"/latency_file",
       {{"path", "a.masala"}},
       "d.json: latency_file.sha256: missing; expected it in this map"},
      {"/search/interrupted", 1, "d.json: search.interrupted: got 1; expected true or false"},
      {"/objective",
       "epd",
       "d.json: objective: got the text \"epd\"; expected edp, energy, latency, ed2p, edap (did "
       "you mean "
       "edp?)"},
      {"/totals/cycles", nullptr, "d.json: totals.cycles: got nothing; expected a number >= 0"},
      {"/layers", Json::array(), "d.json: layers: empty; expected at least one layer"},
      {"/layers/0/shape/stride",
       Json::array({1}),
       "d.json: layers[0].shape.stride: got a list; expected [w, h]"},
      {"/layers/0/mapping",
       "L3",
       "d.json: layers[0].mapping: mapping, character 1: got \"L3\"; expected L3[WIO]"},
      {"/layers/0/shape/K",
       4,
       "d.json: layers[0].mapping: K factors multiply to 2 (dram 1, scratchpad 1 (spatial 2), "
       "accumulator "
       "1, registers 1); expected the layer's K = 4"},
      {"/hardware/pe_dim",
       4,
       "d.json: layers[0].mapping: C8X at accumulator: spatial factor 8; expected at most 4"},
      {"/layers/0/bottleneck",
       "dra",
       "d.json: layers[0].bottleneck: got the text \"dra\"; expected compute, registers, "
       "accumulator, "
       "scratchpad, dram (did you mean dram?)"},
      {"/search/history/0",
       Json::array({1}),
       "d.json: search.history[0]: got a list; expected [evaluations, best]"},
      {"/extra",
       1,
       "d.json: extra: unknown key; expected one of schema, workload, accelerator, hardware, "
       "latency_model, latency_file, objective, totals, layers, search, bound, provenance"},
  };
  for (const auto& test : cases) EXPECT_EQ(error_with(test.pointer, test.value), test.expected);
}

TEST(DesignJson, FilesOfBeforeLackWhatCameLater) {
  Json json = to_json(example(), gemmini());
  json.erase("latency_file");
  json["search"].erase("interrupted");
  const DesignFile design = parse_design(json.dump(), "d.json", gemmini());
  EXPECT_FALSE(design.latency_file);
  EXPECT_FALSE(design.search.interrupted);
}

TEST(DesignJson, SaysWhichLatencyFileAndWhetherTheSearchWasInterrupted) {
  DesignFile design = example();
  design.latency_file = LatencyFile{"my models/a.masala", "ef56"};
  design.search.interrupted = true;
  const std::string text = to_json(design, gemmini()).dump();
  const DesignFile read = parse_design(text, "d.json", gemmini());
  ASSERT_TRUE(read.latency_file);
  EXPECT_EQ(read.latency_file->path, "my models/a.masala");
  EXPECT_EQ(read.latency_file->sha256, "ef56");
  EXPECT_TRUE(read.search.interrupted);
}

DesignFile read_for(const Accelerator& accelerator, const DesignTarget& target) {
  const std::string text = to_json(example(), gemmini()).dump();
  return parse_design(text, "d.json", accelerator, model::Factors::perfect, target);
}

TEST(DesignJson, HardwareValuesMayBeReplaced) {
  DesignTarget target;
  target.fixed = {{"scratchpad_kib", 512}, {"pe_dim", 8}};
  const model::Hardware hardware = read_for(gemmini(), target).hardware;
  EXPECT_EQ(model::hardware_value(gemmini(), hardware, "scratchpad_kib"), 512);
  EXPECT_EQ(model::hardware_value(gemmini(), hardware, "pe_dim"), 8);
  EXPECT_EQ(model::hardware_value(gemmini(), hardware, "accumulator_kib"), 64) << "the file's own";
  target.fixed = {{"pe_dim", 4}};
  EXPECT_EQ(error_of([&] { read_for(gemmini(), target); }),
            "d.json: layers[0].mapping: C8X at accumulator: spatial factor 8; expected at most 4\n"
            "d.json: read with pe_dim 4 in place of 16; expected hardware that its mappings fit");
  target.fixed = {{"pe_dims", 4}};
  EXPECT_EQ(error_of([&] { read_for(gemmini(), target); }),
            "pe_dims: unknown hardware key; expected one of pe_dim, scratchpad_kib, "
            "accumulator_kib (did you mean pe_dim?)");
}

TEST(DesignJson, AnotherAcceleratorOfTheSameLevelsMayBeAskedFor) {
  const Accelerator rtl = read_accelerator(data_path("accelerators/gemmini-rtl.yaml"));
  EXPECT_NE(error_of([&] { read_for(rtl, {}); }).find("expected the accelerator in use"),
            std::string::npos);
  DesignTarget target;
  target.is_any_accelerator = true;
  const DesignFile design = read_for(rtl, target);
  EXPECT_EQ(design.accelerator_name, "gemmini") << "what it was made for";
  EXPECT_EQ(model::to_text(design.mappings[0], rtl), model::to_text(example().mappings[0], rtl));
  const Accelerator eyeriss = read_accelerator(data_path("accelerators/eyeriss.yaml"));
  EXPECT_NE(error_of([&] { read_for(eyeriss, target); }).find("as eyeriss has them"),
            std::string::npos);
}

TEST(DesignJson, DamagedTextNamesTheLine) {
  const std::string text = to_json(example(), gemmini()).dump(1);
  const std::string cut = text.substr(0, text.find("\"totals\""));
  const std::string error = error_of([&] { parse_design(cut, "d.json", gemmini()); });
  const auto lines = std::count(cut.begin(), cut.end(), '\n') + 1;
  EXPECT_EQ(error.rfind("d.json:" + std::to_string(lines) + ":", 0), 0u) << error;
  EXPECT_EQ(error_of([] {
              parse_design("{\"schema\": \"masala.design/1\", \"schema\": 3}", "d.json", gemmini());
            }),
            "d.json: schema: given twice; expected each key once");
}

TEST(DesignJson, TheAcceleratorCanBeAskedForFirst) {
  const TemporaryFolder folder;
  put(folder.file("d.json"), to_json(example(), gemmini()).dump());
  EXPECT_EQ(design_accelerator_name(folder.file("d.json")), "gemmini");
  EXPECT_EQ(read_design(folder.file("d.json"), gemmini()).workload.name, "net");
  put(folder.file("other.json"), "{}");
  EXPECT_EQ(error_of([&] { design_accelerator_name(folder.file("other.json")); }),
            folder.file("other.json") + ": schema: missing; expected it in this map");
}

}  // namespace
}  // namespace masala::io
