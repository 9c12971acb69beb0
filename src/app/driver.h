#pragma once

#include "masala/app/inputs.h"

namespace masala::app {

// Throws an InputError, with the places in the file, where the driver program cannot be simulated
// on the accelerator.
void check_driver(const LoadedAccelerator& loaded, const std::string& program);

}  // namespace masala::app
