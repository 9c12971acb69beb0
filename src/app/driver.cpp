#include "app/driver.h"

#include "io/document.h"
#include "io/file.h"
#include "io/input_error.h"
#include "simulator/layer_run.h"

namespace masala::app {

void check_driver(const LoadedAccelerator& loaded, simulator::ProgramKind kind) {
  const std::vector<std::string> wrong = simulator::driver_problems(loaded.accelerator, kind);
  if (wrong.empty()) return;
  const io::Document document = io::parse_yaml(io::read_file(loaded.path), loaded.path);
  io::Problems problems;
  for (const std::string& problem : wrong) {
    const std::size_t colon = problem.find(": ");
    const std::string key = problem.substr(0, colon);
    const io::Location at = io::locate(document, key);
    problems.add(loaded.path, at, key, problem.substr(colon + 2));
  }
  problems.throw_if_any();
}

}  // namespace masala::app
