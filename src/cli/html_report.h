// A self-contained HTML page with tables and plots.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/table.h"

namespace masala::cli {

// Text is escaped; the page opens without a network (the plot library is inside).
class HtmlReport {
 public:
  HtmlReport(const std::string& title, const std::string& subtitle);

  void add_heading(const std::string& text);
  void add_paragraph(const std::string& text);
  // Name and value pairs, as a row of boxes.
  void add_facts(const std::vector<std::pair<std::string, std::string>>& facts);
  void add_table(const Table& table);
  // A Chart.js configuration {type, data, options}.
  void add_chart(const nlohmann::ordered_json& configuration);

  std::string str() const;

 private:
  std::string title_;
  std::string body_;
  std::vector<std::string> charts_;  // configurations as JSON text
};

}  // namespace masala::cli
