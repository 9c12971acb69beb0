// A costed design as what its file holds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/latency.h"
#include "io/design_json.h"
#include "model/accelerator.h"
#include "search/searcher.h"

namespace masala::app {

// Search record, bound and provenance are left to the caller.
io::DesignFile make_design_file(const search::Problem& problem,
                                const search::Design& design,
                                const std::string& accelerator_sha256);

// Where the latency model came from; nothing for the roofline.
std::optional<io::LatencyFile> latency_file_of(const LoadedLatency& latency,
                                               const io::Provenance& provenance);

// The text of a design.json.
std::string design_text(const io::DesignFile& design, const model::Accelerator& accelerator);

// MACs of each layer over those that every PE working in every cycle would have done.
std::vector<double> pe_utilisation(const io::DesignFile& design,
                                   const model::Accelerator& accelerator);

}  // namespace masala::app
