#include "masala/app/row_sink.h"

namespace masala::app {
namespace {

io::GrowingTable::Start start_of(Existing existing) {
  switch (existing) {
    case Existing::refuse: return io::GrowingTable::Start::fresh;
    case Existing::replace: return io::GrowingTable::Start::overwrite;
    case Existing::resume: break;
  }
  return io::GrowingTable::Start::resume;
}

}  // namespace

std::size_t FileSink::start(const RowPlan& plan) {
  table_ = std::make_unique<io::GrowingTable>(
      file_.path(), plan.columns, plan.expected_rows, plan.origin, start_of(existing_));
  return table_->resumed().size();
}

void FileSink::complete() {
  if (!table_->was_complete()) table_->complete();
}

}  // namespace masala::app
