#pragma once

#include "model/parallel.h"

namespace masala::search {
using model::run_parallel;
}
