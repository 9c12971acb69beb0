// Configurations of Chart.js plots that the HTML reports share.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace masala::cli {

const char* colour(std::size_t i);  // of the i-th series

nlohmann::ordered_json axis(const std::string& title, const char* type = "linear");

// `series` is a list of {label, data, backgroundColor} with a value per label.
enum class Bars { stacked, side_by_side };
nlohmann::ordered_json bar_chart(const std::vector<std::string>& labels,
                                 const nlohmann::ordered_json& series,
                                 const std::string& unit,
                                 Bars bars);

}  // namespace masala::cli
