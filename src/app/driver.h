#pragma once

#include "app/inputs.h"
#include "simulator/driver_program.h"

namespace masala::app {

// Throws an InputError, with the places in the file, where the driver program cannot be simulated
// on the accelerator.
void check_driver(const LoadedAccelerator& loaded, simulator::ProgramKind kind);

}  // namespace masala::app
