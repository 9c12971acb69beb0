#include "app/file_names.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace masala::app {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// File systems may not tell capitals from small letters.
std::string folded(std::string text) {
  std::transform(
      text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::vector<std::string> distinct(const std::vector<std::string>& names,
                                  std::string (*plain)(const std::string&)) {
  std::vector<std::string> out;
  std::set<std::string> taken;
  for (const std::string& name : names) taken.insert(folded(name));
  std::set<std::string> given;
  for (const std::string& name : names) {
    const std::string stem = plain(name);
    std::string chosen = stem;
    // A name that needs no change keeps it, whoever comes first.
    const auto clashes = [&] {
      return given.count(folded(chosen)) > 0 || (chosen != name && taken.count(folded(chosen)) > 0);
    };
    for (int n = 2; clashes(); ++n) chosen = stem + "_" + std::to_string(n);
    given.insert(folded(chosen));
    out.push_back(chosen);
  }
  return out;
}

std::string file_name(const std::string& name) {
  std::string stem = name;
  for (char& c : stem) {
    if (!is_letter_or_digit(c) && c != '-' && c != '_') c = '_';
  }
  return stem;
}

std::string c_identifier(const std::string& name) {
  std::string identifier;
  for (char c : name) identifier += is_letter_or_digit(c) ? c : '_';
  const bool may_start =
      !identifier.empty() && std::isdigit(static_cast<unsigned char>(identifier[0])) == 0;
  return may_start ? identifier : "_" + identifier;
}

}  // namespace

std::vector<std::string> distinct_file_names(const std::vector<std::string>& names) {
  return distinct(names, file_name);
}

std::vector<std::string> distinct_c_identifiers(const std::vector<std::string>& names) {
  return distinct(names, c_identifier);
}

}  // namespace masala::app
