#pragma once

#include <string>

namespace masala::cli {

// The text with what HTML gives a meaning escaped.
std::string html_text(const std::string& text);

}  // namespace masala::cli
