// The optimum by trying everything, for tiny problems: the witness of the exact search, from which
// it shares no code.
#pragma once

#include "masala/search/searcher.h"

namespace masala::search {

// The least objective over every hardware of the accelerator's grid, every mapping that its rules
// allow and every loop order, for one or two layers. Infinite where nothing fits.
double naive_optimum(const Problem& problem);

}  // namespace masala::search
