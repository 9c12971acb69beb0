// Text helpers shared by readers and writers: exact numbers, quoted excerpts, spelling suggestions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace masala::io {

// An integer, written exactly or as an integral floating-point number below 2^53 ("1e3", "3.0").
std::optional<std::int64_t> parse_integer(std::string_view text);

std::optional<std::uint64_t> parse_unsigned(std::string_view text);

// A finite number.
std::optional<double> parse_number(std::string_view text);

// The shortest text that reads back as the same double.
std::string number_text(double value);

// The text in double quotes, shortened, with unprintable characters replaced: for messages.
std::string shown(std::string_view text);

bool equal_but_for_case(std::string_view a, std::string_view b);
bool contains_but_for_case(std::string_view text, std::string_view part);

// The candidate that `name` is most likely a misspelling of, if any.
std::optional<std::string> closest(std::string_view name,
                                   const std::vector<std::string>& candidates);

// " (did you mean X?)", or nothing when no candidate is close.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

// A letter or underscore, then letters, digits, '_' and '-': names that become keys and columns.
bool is_identifier(std::string_view text);

// Of a schema such as "masala.design/1": "masala.design/", and the version of another one like it,
// or nothing where that is the schema of something else.
std::string_view schema_stem(std::string_view schema);
std::optional<std::int64_t> schema_version(std::string_view schema, std::string_view like);

// Throws an InputError unless the text is UTF-8 without control characters.
void require_text(std::string_view text, const std::string& path);

}  // namespace masala::io
