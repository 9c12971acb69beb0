#pragma once

#include <string>
#include <vector>

namespace masala::app {

// Names of things as names of files: letters, digits, '-' and '_'. Distinct ones for distinct
// positions, as "net 1" and "net_1" would be the same.
std::vector<std::string> distinct_file_names(const std::vector<std::string>& names);

// The same as C identifiers.
std::vector<std::string> distinct_c_identifiers(const std::vector<std::string>& names);

}  // namespace masala::app
