#include "masala/model/target.h"

#include <stdexcept>

#include "masala/model/latency_base.h"

namespace masala::model {
namespace {

[[noreturn]] void fail_without_driver(const Target& target) {
  throw std::invalid_argument("machines of the kind " + std::string(target.name()) +
                              " have no driver: nothing can be run");
}

}  // namespace

PreparedRun Target::prepare(const Mapping& /*mapping*/,
                            const Layer& /*layer*/,
                            const Accelerator& /*accelerator*/,
                            const Hardware& /*hardware*/,
                            const std::string& /*program*/) const {
  fail_without_driver(*this);
}

PreparedDefaultRun Target::prepare_default(const Layer& /*layer*/,
                                           const Accelerator& /*accelerator*/,
                                           const Hardware& /*hardware*/,
                                           const std::string& /*program*/) const {
  fail_without_driver(*this);
}

std::unique_ptr<Simulator> Target::make_simulator(const Accelerator& /*accelerator*/) const {
  fail_without_driver(*this);
}

std::string Target::tile_header(const std::string& /*workload*/,
                                const std::string& /*identifier*/,
                                const std::vector<ExportedRun>& /*runs*/) const {
  fail_without_driver(*this);
}

RecognisedProgram Target::recognise(const TraceColumn& /*column*/) const {
  return {programs().front(), "there is no other"};
}

std::unique_ptr<const CycleFormula> Target::cycle_formula(const std::vector<MeasuredRow>& /*rows*/,
                                                          const Accelerator& /*accelerator*/,
                                                          const RunConditions& /*conditions*/,
                                                          const Monitor& /*monitor*/) const {
  return nullptr;
}

double Target::compute_cycles(const MeasuredRow& row,
                              const Accelerator& accelerator,
                              const std::string& program) const {
  const Machine machine = resolve(accelerator, ran_on(row, accelerator, program));
  return static_cast<double>(cost_of(row.mapping, row.layer, machine).compute_cycles);
}

}  // namespace masala::model
