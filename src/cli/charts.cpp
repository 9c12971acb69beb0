#include "cli/charts.h"

#include <array>

namespace masala::cli {

using nlohmann::ordered_json;

const char* colour(std::size_t i) {
  static constexpr std::array<const char*, 8> kColours = {
      "#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#edc948", "#b07aa1", "#9c755f"};
  return kColours[i % kColours.size()];
}

ordered_json axis(const std::string& title, const char* type) {
  return {{"type", type}, {"title", {{"display", true}, {"text", title}}}};
}

ordered_json bar_chart(const std::vector<std::string>& labels,
                       const ordered_json& series,
                       const std::string& unit,
                       Bars bars) {
  const bool stacked = bars == Bars::stacked;
  ordered_json x = {{"stacked", stacked}};
  ordered_json y = axis(unit);
  y["stacked"] = stacked;
  return {{"type", "bar"},
          {"data", {{"labels", labels}, {"datasets", series}}},
          {"options", {{"scales", {{"x", x}, {"y", y}}}}}};
}

}  // namespace masala::cli
