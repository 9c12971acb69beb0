#include "io/trace_writer.h"

#include <gtest/gtest.h>

#include "io/io_test_support.h"
#include "masala/io/accelerator_yaml.h"
#include "masala/io/csv.h"
#include "masala/io/trace_csv.h"

namespace masala::io {
namespace {

model::Layer strided_layer() {
  model::Layer layer;
  layer.bounds[model::Dim::P] = 6;
  layer.bounds[model::Dim::K] = 7;
  layer.stride_w = 2;
  layer.dilation_h = 3;
  layer.groups = 5;
  return layer;
}

// Sizes that do not divide among the instances survive too.
TEST(TraceWriter, ReadingGivesLayerHardwareAndMappingBack) {
  for (const char* file : {"gemmini", "gemmini-rtl", "eyeriss"}) {
    const model::Accelerator accelerator =
        read_accelerator(data_path(std::string("accelerators/") + file + ".yaml"));
    model::Hardware hardware = model::default_hardware(accelerator);
    for (std::int64_t& value : hardware.parameters) value = 7;
    for (int l = 0; l < accelerator.num_levels(); ++l) {
      if (accelerator.levels[l].is_sized()) hardware.kib[l] = 37.0 + l;
    }
    const model::Layer layer = strided_layer();
    model::Mapping mapping;
    mapping.num_levels = accelerator.num_levels();
    mapping.levels[mapping.num_levels - 1].temporal = layer.bounds;

    CsvTable table;
    table.columns = trace_columns(accelerator);
    table.rows = {trace_cells(mapping, layer, hardware, accelerator)};
    const TraceTable read = parse_traces(parse_csv(to_csv(table), "f"), accelerator);
    const TraceRow& row = *read.rows.at(0);
    EXPECT_TRUE(model::same_shape(row.layer, layer)) << file;
    EXPECT_EQ(row.layer.groups, 5) << file;
    EXPECT_EQ(row.hardware.parameters, hardware.parameters) << file;
    EXPECT_EQ(row.hardware.kib, hardware.kib) << file;
    EXPECT_EQ(model::to_text(row.mapping, accelerator), model::to_text(mapping, accelerator));
  }
}

// The columns of the published tables, for readers that know no others.
TEST(TraceWriter, GemminiHasTheColumnsOfMeasuredTables) {
  const model::Accelerator gemmini = read_accelerator(data_path("accelerators/gemmini.yaml"));
  const model::Hardware hardware = model::default_hardware(gemmini);  // 16, 256, 64
  model::Mapping mapping;
  mapping.num_levels = 4;
  CsvTable table;
  table.columns = trace_columns(gemmini);
  table.rows = {trace_cells(mapping, model::Layer(), hardware, gemmini)};
  const auto cell = [&](const char* column) { return table.rows[0][table.find(column).value()]; };
  EXPECT_EQ(cell("arch.meshX"), "16");
  EXPECT_EQ(cell("arch.mem1_entries"), "1024");  // 64 KiB / 4 bytes / 16 columns
  EXPECT_EQ(cell("arch.mem1_depth"), "1024");
  EXPECT_EQ(cell("arch.mem1_width"), "32");
  EXPECT_EQ(cell("arch.mem2_entries"), "262144");
  EXPECT_EQ(cell("arch.mem2_depth"), "16384");
  EXPECT_EQ(cell("arch.mem2_width"), "128");
}

}  // namespace
}  // namespace masala::io
