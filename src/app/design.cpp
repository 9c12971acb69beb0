#include "app/design.h"

#include <nlohmann/json.hpp>

#include "model/cost.h"
#include "model/latency_model.h"

namespace masala::app {
namespace {

constexpr double kPicojoulesPerMicrojoule = 1e6;

}  // namespace

io::DesignFile make_design_file(const search::Problem& problem,
                                const search::Design& design,
                                const std::string& accelerator_sha256) {
  io::DesignFile file;
  file.workload = problem.workload;
  file.accelerator_name = problem.accelerator.name;
  file.accelerator_sha256 = accelerator_sha256;
  file.hardware = design.hardware;
  file.latency_model = problem.latency ? problem.latency->tier() : "roofline";
  file.objective = search::name(problem.objective);
  file.totals = {design.cost.cycles, design.cost.energy_uj, design.cost.edp_uj_cycles(), {}};
  if (!problem.accelerator.area.empty()) file.totals.area_mm2 = design.area_mm2;
  file.mappings = design.mappings;
  for (const model::LayerCost& layer : design.cost.layers) {
    const bool compute = layer.bottleneck == model::kComputeBound;
    file.results.push_back(
        {layer.cycles,
         layer.energy_pj / kPicojoulesPerMicrojoule,
         compute ? "compute"
                 : problem.accelerator.levels[static_cast<std::size_t>(layer.bottleneck)].name,
         {}});
  }
  for (std::size_t i = 0; i < design.estimates.size(); ++i) {
    const model::LatencyEstimate& estimate = design.estimates[i];
    file.results[i].confidence = io::Confidence{estimate.log_std, estimate.in_range};
  }
  return file;
}

std::optional<io::LatencyFile> latency_file_of(const LoadedLatency& latency,
                                               const io::Provenance& provenance) {
  if (!latency.path) return std::nullopt;
  return io::LatencyFile{*latency.path, provenance.inputs.at(*latency.path)};
}

std::string design_text(const io::DesignFile& design, const model::Accelerator& accelerator) {
  return io::to_json(design, accelerator).dump(2) + "\n";
}

std::vector<double> pe_utilisation(const io::DesignFile& design,
                                   const model::Accelerator& accelerator) {
  const model::Machine machine = model::resolve(accelerator, design.hardware);
  double pes = 1.0;
  for (int l = 0; l < machine.num_levels; ++l) {
    for (model::Dim dim : model::kAllDims)
      pes *= static_cast<double>(machine.spatial_limit[static_cast<std::size_t>(l)][dim]);
  }
  std::vector<double> shares;
  for (std::size_t i = 0; i < design.results.size(); ++i) {
    const auto macs = static_cast<double>(design.workload.layers[i].macs());
    shares.push_back(macs / (design.results[i].cycles * pes));
  }
  return shares;
}

}  // namespace masala::app
