#include "io/model_file.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <map>

#include "io/io_test_support.h"
#include "io/sha256.h"
#include "learned/ensemble.h"
#include "masala/io/accelerator_yaml.h"
#include "masala/model/batch.h"
#include "targets/gemmini/gemmini_target.h"
#include "targets/roofline/roofline_target.h"

namespace masala::io {
namespace {

using Json = nlohmann::ordered_json;
using learned::Ensemble;
using learned::EnsembleOptions;
using learned::TrainedModel;
using torch::Tensor;

const model::Accelerator& accelerator_of(const std::string& name) {
  static std::map<std::string, model::Accelerator> known;
  const auto [at, is_new] = known.try_emplace(name);
  if (is_new) at->second = read_accelerator(data_path("accelerators/" + name + ".yaml"));
  return at->second;
}

Tensor random_features(std::size_t features, std::uint64_t seed) {
  at::Generator generator = at::detail::createCPUGenerator(seed);
  return torch::rand({40, static_cast<std::int64_t>(features)}, generator, model::real_options());
}

std::shared_ptr<const Ensemble> small_ensemble(std::size_t features, std::uint64_t seed) {
  EnsembleOptions options;
  options.members = 2;
  options.hidden = 4;
  options.epochs = 3;
  options.seed = seed;
  const Tensor x = random_features(features, seed);
  return std::make_shared<const Ensemble>(train_ensemble(x, x.sum(1).sin(), options));
}

TrainedModel small_model(const model::Target& target, const model::Accelerator& accelerator) {
  TrainedModel trained;
  trained.target = &target;
  // A target without a driver knows one program and one state alone.
  trained.conditions = {target.programs().back(), target.cache_states().back()};
  if (target.has_driver()) trained.conditions.cache = "inputs";
  for (const model::FittedConstant& constant : target.constants()) {
    double value = constant.start;
    if (constant.name == "load_command") value = 0.1 + 0.2;  // no short decimal
    if (constant.name == "sharpness") value = 1.0 / 3.0;
    trained.constants.push_back(value);
  }
  trained.shrinkage.range_rate = 0.7;
  const learned::FeatureNames names = learned::feature_names(target, accelerator);
  trained.feature_names = names.residual;
  trained.dnn_feature_names = names.dnn;
  trained.residual = small_ensemble(names.residual.size(), 1);
  trained.dnn = small_ensemble(names.dnn.size(), 2);
  return trained;
}

const std::string& gemmini_text() {
  static const std::string text =
      to_model_text(small_model(gemmini::target(), accelerator_of("gemmini-rtl")),
                    accelerator_of("gemmini-rtl"),
                    {{"note", "of a test"}});
  return text;
}

std::string refusal(const std::string& text, const model::Accelerator& accelerator) {
  return error_of([&] { parse_model(text, "m.masala", accelerator); });
}

std::string refusal(const std::string& text) {
  return refusal(text, accelerator_of("gemmini-rtl"));
}

// The text with its content changed, and signed anew.
std::string resigned(const std::function<void(Json&)>& change) {
  Json json = Json::parse(gemmini_text());
  change(json["content"]);
  json["sha256"] = sha256_hex(json["content"].dump());
  return json.dump();
}

void expect_same_estimates(const Ensemble& a, const Ensemble& b) {
  const Tensor x = 2.0 * random_features(static_cast<std::size_t>(a.scale().low.size(0)), 9);
  const auto first = a.estimate(x);
  const auto second = b.estimate(x);
  EXPECT_TRUE(first.mean.equal(second.mean));
  EXPECT_TRUE(first.std.equal(second.std));
  EXPECT_TRUE(first.distance.equal(second.distance));
}

TEST(ModelFile, RoundTripsToTheBit) {
  const model::Accelerator& accelerator = accelerator_of("gemmini-rtl");
  const TrainedModel written = small_model(gemmini::target(), accelerator);
  const ModelFile file = parse_model(gemmini_text(), "m.masala", accelerator);
  EXPECT_EQ(file.accelerator_name, "gemmini-rtl");
  EXPECT_EQ(file.trained.target, &gemmini::target());
  EXPECT_EQ(file.trained.conditions.program, "measured");
  EXPECT_EQ(file.trained.conditions.cache, "inputs");
  EXPECT_EQ(file.trained.constants, written.constants);
  EXPECT_EQ(file.trained.shrinkage.range_rate, 0.7);
  EXPECT_EQ(file.trained.feature_names, written.feature_names);
  EXPECT_EQ(file.trained.dnn_feature_names, written.dnn_feature_names);
  expect_same_estimates(*file.trained.residual, *written.residual);
  expect_same_estimates(*file.trained.dnn, *written.dnn);
  EXPECT_EQ(to_model_text(file.trained, accelerator, {{"note", "of a test"}}), gemmini_text());
}

TEST(ModelFile, RoundTripsOnTheRoofline) {
  const model::Accelerator& accelerator = accelerator_of("eyeriss");
  TrainedModel written = small_model(targets::roofline_target(), accelerator);
  written.conditions = {"measured", "inputs"};  // as `train --program` and files of before may say
  const std::string text = to_model_text(written, accelerator, nullptr);
  const ModelFile file = parse_model(text, "m.masala", accelerator);
  EXPECT_EQ(file.trained.conditions.program, "measured");
  EXPECT_EQ(file.trained.conditions.cache, "inputs");
  EXPECT_EQ(file.trained.target, &targets::roofline_target());
  EXPECT_EQ(to_model_text(file.trained, accelerator, nullptr), text);
}

TEST(ModelFile, ReadsWhatItWrote) {
  const TemporaryFolder folder;
  put(folder.file("m.masala"), gemmini_text());
  const model::Accelerator& accelerator = accelerator_of("gemmini-rtl");
  EXPECT_EQ(read_model(folder.file("m.masala"), accelerator).accelerator_name, "gemmini-rtl");
  EXPECT_TRUE(is_model_text(gemmini_text()));
  EXPECT_FALSE(is_model_text("{\"schema\": \"masala.design/1\"}"));
  const Json about = model_about(gemmini_text(), "m.masala");
  EXPECT_EQ(about["note"], "of a test");
  EXPECT_EQ(about["accelerator"], "gemmini-rtl");
  EXPECT_EQ(about["program"], "measured");
  EXPECT_EQ(about["cache"], "inputs");
}

TEST(ModelFile, RefusesAChangedByteWhereverItIs) {
  const std::string& text = gemmini_text();
  const std::string kDamaged = "m.masala:1: sha256: damaged: ";
  // A digit of a weight, of a constant, of the checksum.
  for (const char* before : {"\"weights\":[[", "\"sharpness\":", "\"sha256\":\""}) {
    std::string changed = text;
    const std::size_t at =
        changed.find_first_of("123456789", text.find(before) + std::string(before).size());
    changed[at] = changed[at] == '7' ? '6' : '7';
    EXPECT_EQ(refusal(changed).rfind(kDamaged, 0), 0U) << before << ": " << refusal(changed);
  }
}

TEST(ModelFile, RefusesATruncatedFile) {
  const std::string& text = gemmini_text();
  for (double share : {0.1, 0.5, 0.9, 0.999}) {
    const auto length = static_cast<std::size_t>(share * static_cast<double>(text.size()));
    EXPECT_EQ(refusal(text.substr(0, length)),
              "m.masala:1: damaged: it ends early or is no JSON; expected the file as it was "
              "written");
  }
  EXPECT_EQ(refusal(""), "m.masala:1: not a model file; expected one that masala train wrote");
}

TEST(ModelFile, RefusesOtherFilesAndNewerSchemas) {
  for (const char* other : {"hello", "{}", "{\"schema\": \"masala.design/1\"}", "[1, 2]"}) {
    EXPECT_EQ(refusal(other), "m.masala:1: not a model file; expected one that masala train wrote");
  }
  std::string newer = gemmini_text();
  newer.replace(newer.find("masala.model/1"), 14, "masala.model/2");
  EXPECT_EQ(refusal(newer),
            "m.masala:1: schema: got \"masala.model/2\"; expected masala.model/1 (a newer masala "
            "wrote it: update this one, or train anew)");
}

TEST(ModelFile, RefusesOlderSchemasAndWhatIsNone) {
  const auto of_schema = [](const char* schema) {
    std::string text = gemmini_text();
    text.replace(text.find("masala.model/1"), 14, schema);
    return refusal(text);
  };
  EXPECT_EQ(of_schema("masala.model/0"),
            "m.masala:1: schema: got \"masala.model/0\"; expected masala.model/1 (an older masala "
            "wrote it: train anew)");
  for (const char* none : {"masala.model/", "masala.model/1b", "masala.model/one"}) {
    EXPECT_EQ(of_schema(none),
              std::string("m.masala:1: schema: got \"") + none +
                  "\"; expected masala.model/1 (it is damaged)");
  }
}

// Of before the state of the caches was part of a model.
TEST(ModelFile, ReadsAModelWithoutTheStateOfTheCachesAsWarm) {
  const ModelFile file = parse_model(resigned([](Json& content) { content.erase("cache"); }),
                                     "m.masala",
                                     accelerator_of("gemmini-rtl"));
  EXPECT_EQ(file.trained.conditions.cache, "warm");
}

TEST(ModelFile, RefusesNestingThatWouldExhaustTheStack) {
  constexpr std::size_t kDepth = 1000000;
  const std::string text =
      "{\"schema\":\"masala.model/1\",\"sha256\":\"\",\"content\":" + std::string(kDepth, '[') +
      std::string(kDepth, ']') + "}";
  EXPECT_EQ(refusal(text),
            "m.masala:1: damaged: it ends early or is no JSON; expected the file as it was "
            "written");
}

TEST(ModelFile, RefusesAnotherAccelerator) {
  EXPECT_EQ(refusal(gemmini_text(), accelerator_of("eyeriss"))
                .rfind("m.masala:1: accelerator: trained for gemmini-rtl, which differs from "
                       "eyeriss: levels",
                       0),
            0U)
      << refusal(gemmini_text(), accelerator_of("eyeriss"));
  model::Accelerator faster = accelerator_of("gemmini-rtl");
  faster.levels.back().bandwidth_words_per_cycle->factor *= 2;
  EXPECT_NE(refusal(gemmini_text(), faster).find("levels[3].bandwidth_words_per_cycle is "),
            std::string::npos)
      << refusal(gemmini_text(), faster);
  model::Accelerator undriven = accelerator_of("gemmini-rtl");
  undriven.program.reset();
  EXPECT_NE(refusal(gemmini_text(), undriven).find("program"), std::string::npos);
  // Ranges, sizes and energies are not part of what was measured.
  model::Accelerator larger = accelerator_of("gemmini-rtl");
  larger.levels[2].kib->max *= 2;
  larger.mac_energy_pj *= 2;
  EXPECT_EQ(refusal(gemmini_text(), larger), "no InputError");
}

TEST(ModelFile, RefusesContentThatDoesNotFit) {
  EXPECT_EQ(refusal(resigned([](Json& content) { content["residual"]["features"][0] = "mood"; })),
            "m.masala:1: content: its features are not those of this masala (is_matmul is "
            "missing); expected to train anew");
  EXPECT_EQ(refusal(resigned([](Json& content) {
              std::swap(content["residual"]["features"][0], content["residual"]["features"][1]);
            })),
            "m.masala:1: content: its features are not those of this masala (another order); "
            "expected to train anew");
  EXPECT_EQ(refusal(resigned([](Json& content) { content["constants"].erase("start"); })),
            "m.masala:1: content: its constants are not those of this masala (start is missing); "
            "expected to train anew");
  EXPECT_EQ(refusal(resigned([](Json& content) { content["constants"]["speed"] = 1; })),
            "m.masala:1: content: its constants are not those of this masala (\"speed\" is "
            "unknown); expected to train anew");
  const std::function<void(Json&)> changes[] = {
      [](Json& content) { content["residual"]["weights"][0].erase(0); },
      [](Json& content) { content["residual"]["low"].erase(0); },
      [](Json& content) { content["dnn"].erase("weights"); },
      [](Json& content) { content["dnn"]["weights"][2][0] = "one"; },
      [](Json& content) { content["dnn"]["weights"][2][0] = 1e300; },
      [](Json& content) { content["constants"]["start"] = "soon"; },
      [](Json& content) { content["program"] = "dirty"; },
      [](Json& content) { content["cache"] = "hot"; },
      [](Json& content) { content["residual"]["members"] = 1000000000; },
      [](Json& content) { content["residual"]["members"] = -1; },
      [](Json& content) { content["residual"]["hidden"] = 0; },
      [](Json& content) { content["shrinkage"] = 3; }};
  for (const auto& change : changes) {
    const std::string message = refusal(resigned(change));
    EXPECT_EQ(message.rfind("m.masala:1: content: ", 0), 0U) << message;
    EXPECT_NE(message.find("; expected what masala train writes"), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;  // no trace of an exception
  }
}

TEST(ModelFile, RefusesAFrameOfOtherTypes) {
  for (const char* text : {"[\"masala.model/1\"]",
                           "\"masala.model/1\"",
                           "{\"schema\": [\"masala.model/1\"]}",
                           "{\"schema\": \"masala.model/1\"}",
                           "{\"schema\": \"masala.model/1\", \"sha256\": 3, \"content\": {}}"}) {
    EXPECT_EQ(refusal(text).rfind("m.masala:1: ", 0), 0U) << text << ": " << refusal(text);
    EXPECT_NE(error_of([&] { model_about(text, "m.masala"); }), "no InputError") << text;
  }
  // Signed, but empty.
  const std::string empty =
      "{\"schema\": \"masala.model/1\", \"sha256\": \"" + sha256_hex("3") + "\", \"content\": 3}";
  EXPECT_EQ(refusal(empty).rfind("m.masala:1: content: ", 0), 0U) << refusal(empty);
  EXPECT_NE(error_of([&] { model_about(empty, "m.masala"); }), "no InputError");
}

// Every value outside the lists of numbers, replaced by one of another type and signed anew:
// refused, or of no consequence.
TEST(ModelFile, SurvivesValuesOfOtherTypes) {
  std::vector<Json::json_pointer> places;
  const Json original = Json::parse(gemmini_text())["content"];
  for (const auto& [part, value] : original.items()) {
    const Json::json_pointer at("/" + part);
    places.push_back(at);
    if (!value.is_object()) continue;
    for (const auto& [key, inner] : value.items()) places.push_back(at / key);
  }
  ASSERT_GT(places.size(), 30U);
  int refused = 0;
  for (const Json::json_pointer& place : places) {
    for (const Json& replacement :
         {Json(nullptr), Json(-1), Json("x"), Json::array(), Json::object(), Json(1e18)}) {
      const std::string text = resigned([&](Json& content) { content[place] = replacement; });
      const std::string message = refusal(text);  // any other exception ends the test
      refused += message == "no InputError" ? 0 : 1;
      const std::string about = error_of([&] { model_about(text, "m.masala"); });
      EXPECT_TRUE(about == "no InputError" || about.rfind("m.masala:1: content: ", 0) == 0)
          << about;
    }
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace masala::io
