// The tables of fields in docs/formats.md are those that the formats are read and written by.
// MASALA_WRITE_REFERENCE=1 writes them into the page.
#include <cstdlib>

#include <gtest/gtest.h>

#include "io/io_test_support.h"
#include "masala/io/accelerator_yaml.h"
#include "masala/io/design_json.h"
#include "masala/io/trace_csv.h"
#include "masala/io/workload_yaml.h"

namespace masala::io {
namespace {

const std::string kPage = data_path("../docs/formats.md");

// The page with `table` between the two comments that mark its place.
std::string with_table(const std::string& page, const std::string& name, const std::string& table) {
  const std::string start = "<!-- fields: " + name + " -->\n";
  const std::size_t at = page.find(start);
  const std::size_t end = page.find("<!-- end -->", at);
  EXPECT_NE(end, std::string::npos) << "no place for the fields of " << name;
  if (at == std::string::npos || end == std::string::npos) return page;
  return page.substr(0, at + start.size()) + table + page.substr(end);
}

TEST(FormatReference, IsThatOfTheTables) {
  const std::pair<const char*, std::vector<FieldDescription>> formats[] = {
      {"accelerator", describe_accelerators()},
      {"workload", describe_workloads()},
      {"design", describe_designs()},
      {"trace", describe_traces()},
  };
  const std::string page = get(kPage);
  std::string expected = page;
  for (const auto& [name, fields] : formats) {
    expected = with_table(expected, name, markdown_table(fields));
  }
  if (std::getenv("MASALA_WRITE_REFERENCE") != nullptr && expected != page) put(kPage, expected);
  EXPECT_EQ(get(kPage), expected) << "to be written by MASALA_WRITE_REFERENCE=1";
}

}  // namespace
}  // namespace masala::io
