#include "masala/io/input_error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace masala::io {
namespace {

std::string joined(const std::vector<std::string>& messages, std::size_t hidden) {
  std::string text = fmt::format("{}", fmt::join(messages, "\n"));
  if (hidden > 0) text += fmt::format("\n... and {} more", hidden);
  return text;
}

}  // namespace

InputError::InputError(std::string message)
    : std::runtime_error(message), messages_{std::move(message)} {}

InputError::InputError(std::vector<std::string> messages, std::size_t hidden)
    : std::runtime_error(joined(messages, hidden)), messages_(std::move(messages)) {}

std::string located(std::string_view path,
                    Location at,
                    std::string_view key,
                    std::string_view message) {
  std::string text(path);
  if (at.line > 0) text += fmt::format(":{}", at.line);
  if (at.line > 0 && at.column > 0) text += fmt::format(":{}", at.column);
  if (!key.empty()) text += fmt::format(": {}", key);
  return fmt::format("{}: {}", text, message);
}

void Problems::add(std::string_view path,
                   Location at,
                   std::string_view key,
                   std::string_view message) {
  ++count_;
  if (shown_.size() < kMaxShownProblems) {
    shown_.push_back(located(path, at, key, message));
  }
}

void Problems::warn(std::string_view path,
                    Location at,
                    std::string_view key,
                    std::string_view message) {
  ++num_warnings_;
  if (warnings_ == nullptr || num_warnings_ > kMaxShownProblems + 1) return;
  warnings_->push_back(num_warnings_ <= kMaxShownProblems
                           ? located(path, at, key, message)
                           : located(path, {}, "", "more warnings; the first ones are shown"));
}

void Problems::throw_if_any(const std::string& summary) const {
  if (empty()) return;
  const std::size_t hidden = count_ - shown_.size();
  if (summary.empty()) throw InputError(shown_, hidden);
  std::vector<std::string> messages = shown_;
  if (hidden > 0) messages.push_back(fmt::format("... and {} more", hidden));
  messages.push_back(summary);
  throw InputError(std::move(messages));
}

}  // namespace masala::io
