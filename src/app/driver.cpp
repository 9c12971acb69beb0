#include "app/driver.h"

#include "io/document.h"
#include "io/file.h"
#include "masala/io/input_error.h"
#include "masala/targets/targets.h"

namespace masala::app {

void check_driver(const LoadedAccelerator& loaded, const std::string& program) {
  const std::vector<std::string> wrong = targets::program_problems(loaded.accelerator, program);
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
