// The designs that a comparison puts side by side.
#pragma once

#include "masala/app/compare.h"

namespace masala::app {

// The machine's own tiler and a found design per latency model, for every workload, not judged yet.
// Reports the share `of_all` of the whole work. Throws Interrupted when stopped.
Comparison find_designs(const CompareRequest& request,
                        const CompareResult& loaded,
                        const Monitor& monitor,
                        double of_all);

}  // namespace masala::app
