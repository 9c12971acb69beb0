// Tables and trace rows: a table survives being written, and a valid row, of perfect or imperfect
// factors, can be costed.
#include "fuzz/fuzz_support.h"
#include "masala/io/csv.h"
#include "masala/io/trace_csv.h"

namespace {

using namespace masala;

void check_round_trip(const io::CsvTable& table) {
  const io::CsvTable again = io::parse_csv(io::to_csv(table), "written.csv");
  fuzz::require(again.columns == table.columns, "columns survive being written");
  fuzz::require(again.rows == table.rows, "rows survive being written");
}

io::TraceTable check_traces(const io::CsvTable& table, model::Factors factors) {
  io::TraceOptions options;
  options.factors = factors;
  options.skip_invalid = true;
  const io::TraceTable traces = io::parse_traces(table, fuzz::gemmini(), options);
  fuzz::require(traces.rows.size() == table.rows.size(), "one row per row");
  for (std::size_t i = 0; i < traces.rows.size(); ++i) {
    fuzz::require(traces.rows[i].has_value() == traces.notes[i].empty(), "a note per bad row");
    if (!traces.rows[i]) continue;
    const io::TraceRow& row = *traces.rows[i];
    const model::Machine machine = model::resolve(fuzz::gemmini(), row.hardware);
    fuzz::require_costable(row.mapping, row.layer, machine);
  }
  return traces;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  fuzz::read_or_refuse([&] {
    const io::CsvTable table = io::parse_csv(text, "fuzz.csv", io::RaggedRows::keep);
    if (table.ragged.empty()) check_round_trip(table);
    const io::TraceTable perfect = check_traces(table, model::Factors::perfect);
    const io::TraceTable all = check_traces(table, model::Factors::imperfect);
    for (std::size_t i = 0; i < perfect.rows.size(); ++i) {
      fuzz::require(all.rows[i].has_value() || !perfect.rows[i], "perfect rows are among all");
    }
  });
  return 0;
}
