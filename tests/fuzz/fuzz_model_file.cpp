// Trained models: a whole file where the text starts like one; otherwise the content of a file,
// which is signed first, as hardly a change would get past the hash. What is accepted can be asked
// for estimates and survives being written.
#include <nlohmann/json.hpp>

#include "fuzz/fuzz_support.h"
#include "io/document.h"
#include "io/model_file.h"
#include "io/sha256.h"
#include "learned/ensemble.h"
#include "masala/model/batch.h"

namespace {

using namespace masala;
using Json = nlohmann::ordered_json;

const model::Accelerator& gemmini_rtl() {
  static const model::Accelerator accelerator =
      io::read_accelerator(MASALA_DATA "/accelerators/gemmini-rtl.yaml");
  return accelerator;
}

std::string file_of(const std::string& content) {
  std::string hash;
  try {
    io::parse_json(content, "content.json");  // bounds the nesting, before anything recursive
    hash = io::sha256_hex(Json::parse(content).dump());
  } catch (const std::exception&) {
    // Not to be signed; the file may be refused all the same.
  }
  return R"({"schema":"masala.model/1","sha256":")" + hash + R"(","content":)" + content + "}";
}

void check_estimates(const learned::Ensemble& ensemble, std::size_t num_features) {
  const auto features =
      torch::zeros({1, static_cast<std::int64_t>(num_features)}, model::real_options());
  fuzz::require(ensemble.estimate(features).mean.numel() == 1, "one estimate per row");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  if (text.rfind("{\"schema\"", 0) != 0) text = file_of(text);
  std::string written;
  try {
    const io::ModelFile file = io::parse_model(text, "fuzz.masala", gemmini_rtl());
    const learned::TrainedModel& trained = file.trained;
    check_estimates(*trained.residual, trained.feature_names.size());
    check_estimates(*trained.dnn, trained.dnn_feature_names.size());
    written = io::to_model_text(trained, gemmini_rtl(), io::model_about(text, "fuzz.masala"));
  } catch (const io::InputError& error) {
    const std::string message = error.what();
    fuzz::require(!message.empty(), "an error has a message");
    fuzz::require(message.find('\n') == std::string::npos, "an error is one line");
  }
  if (written.empty()) return 0;
  const io::ModelFile again = io::parse_model(written, "written.masala", gemmini_rtl());
  const Json about = io::model_about(written, "written.masala");
  fuzz::require(io::to_model_text(again.trained, gemmini_rtl(), about) == written,
                "writing and reading is the identity");
  return 0;
}
