// Errors in what the user gave: files, names, values.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace masala::io {

// Messages shown of one file; the others are counted.
inline constexpr std::size_t kMaxShownProblems = 20;

// Every message reads `path:line[:col]: key.path: what is wrong; what was expected`.
class InputError : public std::runtime_error {
 public:
  explicit InputError(std::string message);
  // `hidden` more problems were found but not kept.
  explicit InputError(std::vector<std::string> messages, std::size_t hidden = 0);

  const std::vector<std::string>& messages() const { return messages_; }

 private:
  std::vector<std::string> messages_;
};

// In a text, 1-based; 0 where unknown.
struct Location {
  std::size_t line = 0;
  std::size_t column = 0;
};

// `path:line:column: key: message`, without the parts that are 0 or empty.
std::string located(std::string_view path,
                    Location at,
                    std::string_view key,
                    std::string_view message);

// What readers find odd in an input and yet read, in the form of the problems: for the caller to
// show. Every reader that warns takes a `Warnings*`, nullptr where nobody wants them.
using Warnings = std::vector<std::string>;

// Collects the problems of one input, to report them together, and hands on its warnings.
class Problems {
 public:
  explicit Problems(Warnings* warnings = nullptr) : warnings_(warnings) {}

  void add(std::string_view path, Location at, std::string_view key, std::string_view message);

  // Of an input, at most kMaxShownProblems are passed on, and then a line that says so.
  void warn(std::string_view path, Location at, std::string_view key, std::string_view message);

  bool empty() const { return count_ == 0; }
  std::size_t count() const { return count_; }
  // Throws an InputError with the problems so far; `summary`, unless empty, becomes the last line.
  void throw_if_any(const std::string& summary = "") const;

 private:
  std::vector<std::string> shown_;  // the first kMaxShownProblems
  std::size_t count_ = 0;
  Warnings* warnings_;
  std::size_t num_warnings_ = 0;
};

}  // namespace masala::io
