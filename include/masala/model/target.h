// A kind of machine that layers really run on: the software that drives it, what that needs and
// cannot run, how long it takes.
//
// Everything that knows one machine is behind this interface, in a folder of src/targets.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "masala/model/accelerator.h"
#include "masala/model/cost.h"
#include "masala/model/evaluator.h"
#include "masala/model/fitted_constant.h"
#include "masala/model/measured_row.h"
#include "masala/model/simulator.h"

namespace masala::model {

class CycleFormula;  // latency_base.h
class LatencyBase;

// What a table of traces offers to tell the program of its rows by: the values of a column that are
// not empty; nullopt where there is no such column.
using TraceColumn = std::function<std::optional<std::vector<std::string>>(const std::string&)>;

struct RecognisedProgram {
  std::string program;
  std::string why;
};

// A mapping of a table that is exported for the programs that run on a chip.
struct ExportedRun {
  std::string layer;
  std::size_t row = 0;  // of the table, from 1
  std::shared_ptr<const LayerRun> run;
};

// Implementations have no state. Functions that take an accelerator expect one without problems().
class Target {
 public:
  virtual ~Target() = default;

  // ---- Programs -------------------------------------------------------------------------------
  virtual std::string_view name() const = 0;  // `program: {driver: NAME}` of accelerator files
  // Whether there is a driver: without one, layers are mapped and costed, but not run.
  virtual bool has_driver() const { return false; }
  // Programs of the driver and what the caches may hold when a layer begins; the usual ones first.
  virtual std::vector<std::string> programs() const { return {"clean"}; }
  virtual std::vector<std::string> cache_states() const { return {"warm"}; }
  // What the caches held under a program, where tables do not say; nullopt: anything.
  virtual std::optional<std::string> usual_cache(const std::string& /*program*/) const {
    return std::nullopt;
  }
  // Every reason why the program cannot be run on the accelerator, with the key path first:
  // "levels: ...".
  virtual std::vector<std::string> problems(const Accelerator& /*accelerator*/,
                                            const std::string& /*program*/) const {
    return {};
  }

  // ---- Mappings -------------------------------------------------------------------------------
  // What the driver's tiles take; 0 at levels that it does not fill. Null where it is not known.
  virtual WordsNeeded driver_words(const Accelerator& /*accelerator*/) const { return nullptr; }
  virtual PreparedRun prepare(const Mapping& mapping,
                              const Layer& layer,
                              const Accelerator& accelerator,
                              const Hardware& hardware,
                              const std::string& program) const;
  // As the machine's own tiler cuts the layer.
  virtual PreparedDefaultRun prepare_default(const Layer& layer,
                                             const Accelerator& accelerator,
                                             const Hardware& hardware,
                                             const std::string& program) const;
  // What that tiler is called, and the chip on which its makers publish it.
  virtual std::string tiler_name() const { return "the default tiler"; }
  virtual std::string published_name() const { return tiler_name() + " on default hardware"; }
  virtual Hardware published_hardware(const Accelerator& accelerator) const {
    return default_hardware(accelerator);
  }
  virtual std::unique_ptr<Simulator> make_simulator(const Accelerator& accelerator) const;
  // Exported for the programs that run on the chip; `identifier` begins the names in it.
  virtual std::string tile_header(const std::string& workload,
                                  const std::string& identifier,
                                  const std::vector<ExportedRun>& runs) const;

  // ---- Tables of measurements -----------------------------------------------------------------
  // The column in which tables give a parameter; nullopt: arch.NAME.
  virtual std::optional<std::string> trace_column(std::string_view /*parameter*/) const {
    return std::nullopt;
  }
  // The program of a table's rows, by the signs that the table shows.
  virtual RecognisedProgram recognise(const TraceColumn& column) const;
  // Sizes in place of a table's own, in checks of its mappings: those of the measured machine.
  virtual std::vector<FixedValue> measured_sizes(const Accelerator& /*accelerator*/,
                                                 const std::string& /*program*/) const {
    return {};
  }
  // Leaves the arrays that can be measured with the program.
  virtual void restrict_to_measured(const std::string& /*program*/,
                                    Accelerator& /*accelerator*/) const {}
  // Every reason why a row cannot have been measured with the program.
  virtual std::vector<std::string> row_problems(const MeasuredRow& /*row*/,
                                                const Accelerator& /*accelerator*/,
                                                const std::string& /*program*/) const {
    return {};
  }
  // Why a row says nothing of the hardware, by rule; empty where it does.
  virtual std::string artefact(const MeasuredRow& /*row*/,
                               const Accelerator& /*accelerator*/,
                               const std::string& /*program*/) const {
    return "";
  }
  // The hardware that a row ran on, and the edge of its array.
  virtual Hardware ran_on(const MeasuredRow& row,
                          const Accelerator& /*accelerator*/,
                          const std::string& /*program*/) const {
    return row.hardware;
  }
  virtual std::int64_t array_dim(const MeasuredRow& /*row*/,
                                 const Accelerator& /*accelerator*/,
                                 const std::string& /*program*/) const {
    return 1;
  }
  // Cycles of the multiplications that a row's program makes, with the whole array at work.
  virtual double compute_cycles(const MeasuredRow& row,
                                const Accelerator& accelerator,
                                const std::string& program) const;

  // ---- Latency --------------------------------------------------------------------------------
  // Of the estimate; none where there is nothing to fit.
  virtual std::vector<FittedConstant> constants() const { return {}; }
  // The batched form is always of the first program. Throws std::invalid_argument where the
  // accelerator lacks what the estimate needs.
  virtual std::shared_ptr<const LatencyBase> latency_base(
      const Accelerator& accelerator,
      const std::vector<double>& constants,
      const RunConditions& conditions) const = 0;
  // The same over rows; null where there is nothing to fit.
  virtual std::unique_ptr<const CycleFormula> cycle_formula(
      const std::vector<MeasuredRow>& /*rows*/,
      const Accelerator& /*accelerator*/,
      const RunConditions& /*conditions*/,
      const Monitor& /*monitor*/) const;
};

}  // namespace masala::model
