#include "cli/html_report.h"

#include <fmt/format.h>

#include "cli/html_text.h"
#include "masala/app/inputs.h"

namespace masala::cli {
namespace {

constexpr const char* kStyle = R"css(
body { font: 15px/1.5 system-ui, sans-serif; color: #1c2733; margin: 2rem auto; max-width: 1100px; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.subtitle { color: #5b6b7b; margin-top: .2rem; }
.facts { display: flex; flex-wrap: wrap; gap: .6rem; margin: 1rem 0; }
.fact { background: #f1f4f7; border-radius: 6px; padding: .4rem .8rem; }
.fact b { display: block; font-size: 1.1rem; } .fact span { color: #5b6b7b; font-size: .8rem; }
.chart { height: 360px; } .scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .82rem; white-space: nowrap; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid #e3e8ed; text-align: right; }
th.left, td.left { text-align: left; } th { border-bottom: 2px solid #b9c4ce; }
)css";

// JSON inside a script element must not end it.
std::string script_safe(std::string json) {
  for (std::size_t at = json.find("</"); at != std::string::npos; at = json.find("</", at + 3)) {
    json.replace(at, 2, "<\\/");
  }
  return json;
}

}  // namespace

HtmlReport::HtmlReport(const std::string& title, const std::string& subtitle) : title_(title) {
  body_ = fmt::format(
      "<h1>{}</h1>\n<p class=\"subtitle\">{}</p>\n", html_text(title), html_text(subtitle));
}

void HtmlReport::add_heading(const std::string& text) {
  body_ += fmt::format("<h2>{}</h2>\n", html_text(text));
}

void HtmlReport::add_paragraph(const std::string& text) {
  body_ += fmt::format("<p>{}</p>\n", html_text(text));
}

void HtmlReport::add_facts(const std::vector<std::pair<std::string, std::string>>& facts) {
  body_ += "<div class=\"facts\">\n";
  for (const auto& [name, value] : facts) {
    body_ += fmt::format(
        "<div class=\"fact\"><b>{}</b><span>{}</span></div>\n", html_text(value), html_text(name));
  }
  body_ += "</div>\n";
}

void HtmlReport::add_table(const Table& table) {
  body_ += to_html(table);
}

void HtmlReport::add_chart(const nlohmann::ordered_json& configuration) {
  body_ +=
      fmt::format("<div class=\"chart\"><canvas id=\"chart{}\"></canvas></div>\n", charts_.size());
  charts_.push_back(script_safe(configuration.dump()));
}

std::string HtmlReport::str() const {
  std::string page = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta "
      "charset=\"utf-8\">\n<title>{}</title>\n<style>{}</style>\n",
      html_text(title_),
      kStyle);
  if (!charts_.empty()) {
    page += "<script>" + app::plot_library() + "</script>\n";
  }
  page += "</head><body>\n" + body_;
  if (!charts_.empty()) {
    page +=
        "<script>\nChart.defaults.maintainAspectRatio = false;\nChart.defaults.animation = "
        "false;\n";
    for (std::size_t i = 0; i < charts_.size(); ++i) {
      page += fmt::format("new Chart(document.getElementById(\"chart{}\"), {});\n", i, charts_[i]);
    }
    page += "</script>\n";
  }
  return page + "</body></html>\n";
}

}  // namespace masala::cli
