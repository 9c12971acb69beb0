// A self-contained HTML page with tables and plots.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace masala::io {

// Text is escaped; the page opens without a network (the plot library is inside).
class HtmlReport {
 public:
  HtmlReport(const std::string& title, const std::string& subtitle);

  void add_heading(const std::string& text);
  void add_paragraph(const std::string& text);
  // Name and value pairs, as a row of boxes.
  void add_facts(const std::vector<std::pair<std::string, std::string>>& facts);
  // The first `left_columns` columns are text, aligned left; the others are numbers.
  void add_table(const std::vector<std::string>& titles,
                 const std::vector<std::vector<std::string>>& rows,
                 std::size_t left_columns);
  // A Chart.js configuration {type, data, options}.
  void add_chart(const nlohmann::ordered_json& configuration);

  std::string str() const;

 private:
  std::string title_;
  std::string body_;
  std::vector<std::string> charts_;  // configurations as JSON text
};

}  // namespace masala::io
