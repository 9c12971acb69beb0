#include "cli/arguments.h"

#include <algorithm>
#include <limits>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/version.h"
#include "io/text.h"

namespace masala::cli {

std::string version_text() {
  return fmt::format("masala {} (LibTorch {})\n", kVersion, kTorchVersion);
}

Arguments::Arguments(const std::string& command,
                     const std::string& summary,
                     const std::string& positional)
    : command_(command), positional_(positional), options_("masala " + command, summary) {
  constexpr std::size_t kHelpColumns = 100;
  options_.set_width(kHelpColumns);
  options_.custom_help(positional.empty() ? "[flags]" : positional + " [flags]");
  if (!positional_.empty()) {
    options_.positional_help("");
    options_.add_options("positional")(
        "positional", "", cxxopts::value<std::vector<std::string>>());
    options_.parse_positional({"positional"});
  }
}

void Arguments::add(const std::string& group,
                    const std::string& flag,
                    const std::string& help,
                    const std::string& value_name) {
  if (std::find(groups_.begin(), groups_.end(), group) == groups_.end()) groups_.push_back(group);
  if (value_name.empty()) {
    options_.add_options(group)(flag, help);
  } else {
    options_.add_options(group)(flag, help, cxxopts::value<std::vector<std::string>>(), value_name);
  }
}

void Arguments::add_common() {
  const struct {
    const char* flag;
    const char* help;
    const char* value_name;
  } flags[] = {
      {"seed", "seed of everything random (0)", "N"},
      {"threads", "threads (all cores); the result does not depend on it", "N"},
      {"format", "what goes to stdout: console or json (console)", "F"},
      {"quiet", "no progress", ""},
      {"force", "overwrite existing output", ""},
      {"help", "this text", ""},
      {"version", "version of masala and LibTorch", ""},
  };
  std::vector<std::string> groups = groups_;
  for (const auto& flag : flags) {
    const bool shown =
        shown_common_.empty() ||
        std::find(shown_common_.begin(), shown_common_.end(), flag.flag) != shown_common_.end();
    add(shown ? "Common" : "Accepted", flag.flag, flag.help, flag.value_name);
  }
  groups.emplace_back("Common");
  groups_ = std::move(groups);  // what --help lists
}

// As cxxopts lays it out, but its "options" are flags here, and without blanks at line ends.
std::string Arguments::help_text() const {
  std::istringstream lines(options_.help(groups_));
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    const std::string title = " options:";
    const bool is_title = line.size() > title.size() &&
                          line.compare(line.size() - title.size(), title.size(), title) == 0;
    if (is_title) line = line.substr(1, line.size() - title.size()) + "flags:";
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

bool Arguments::parse(const std::vector<std::string>& words) {
  add_common();
  std::vector<const char*> argv = {"masala"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  try {
    result_ = options_.parse(static_cast<int>(argv.size()), argv.data());
  } catch (const cxxopts::exceptions::exception& error) {
    fail(error.what());
  }
  if (result_.count("help") > 0) {
    fmt::print("{}{}", help_text(), footer_);
    return false;
  }
  if (result_.count("version") > 0) {
    fmt::print("{}", version_text());
    return false;
  }
  if (!result_.unmatched().empty()) {
    fail(fmt::format("unexpected argument {}", io::shown(result_.unmatched().front())));
  }
  return true;
}

bool Arguments::has(const std::string& flag) const {
  return result_.count(flag) > 0;
}

std::vector<std::string> Arguments::all(const std::string& flag) const {
  if (!has(flag)) return {};
  return result_[flag].as<std::vector<std::string>>();
}

std::optional<std::string> Arguments::text(const std::string& flag) const {
  const std::vector<std::string> values = all(flag);
  if (values.empty()) return std::nullopt;
  if (values.size() > 1)
    fail(fmt::format("--{}: given {} times; expected once", flag, values.size()));
  if (values.front().empty()) fail(fmt::format("--{}: empty; expected a value", flag));
  return values.front();
}

std::string Arguments::required_text(const std::string& flag) const {
  const auto value = text(flag);
  if (!value) fail(fmt::format("--{} is missing", flag));
  return *value;
}

std::optional<std::int64_t> Arguments::integer(const std::string& flag,
                                               std::int64_t min,
                                               std::int64_t max) const {
  const auto value = text(flag);
  if (!value) return std::nullopt;
  const auto number = io::parse_integer(*value);
  if (number && *number >= min && *number <= max) return number;
  const std::string range = max == std::numeric_limits<std::int64_t>::max()
                                ? fmt::format("an integer >= {}", min)
                                : fmt::format("an integer from {} to {}", min, max);
  fail(fmt::format("--{}: got {}; expected {}", flag, io::shown(*value), range));
}

std::optional<double> Arguments::positive(const std::string& flag) const {
  const auto value = text(flag);
  if (!value) return std::nullopt;
  const auto number = io::parse_number(*value);
  if (number && *number > 0.0) return number;
  fail(fmt::format("--{}: got {}; expected a number > 0", flag, io::shown(*value)));
}

std::optional<double> Arguments::non_negative(const std::string& flag) const {
  const auto value = text(flag);
  if (!value) return std::nullopt;
  const auto number = io::parse_number(*value);
  if (number && *number >= 0.0) return number;
  fail(fmt::format("--{}: got {}; expected a number >= 0", flag, io::shown(*value)));
}

std::optional<std::string> Arguments::choice(const std::string& flag,
                                             const std::vector<std::string>& choices) const {
  const auto value = text(flag);
  if (!value || std::find(choices.begin(), choices.end(), *value) != choices.end()) return value;
  fail(fmt::format("--{}: got {}; expected one of {}{}",
                   flag,
                   io::shown(*value),
                   fmt::join(choices, ", "),
                   io::did_you_mean(*value, choices)));
}

CommonFlags Arguments::common() const {
  CommonFlags flags;
  const auto cores = static_cast<std::int64_t>(std::max(1U, std::thread::hardware_concurrency()));
  constexpr std::int64_t kMaxThreads = 1024;
  flags.output = text("output");
  flags.seed = static_cast<std::uint64_t>(
      integer("seed", 0, std::numeric_limits<std::int64_t>::max()).value_or(0));
  flags.threads = static_cast<int>(integer("threads", 1, kMaxThreads).value_or(cores));
  const std::string format = text("format").value_or("console");
  if (format != "console" && format != "json") {
    fail(fmt::format("--format: got {}; expected console or json{}",
                     io::shown(format),
                     io::did_you_mean(format, {"console", "json"})));
  }
  flags.format = format == "json" ? Format::json : Format::console;
  flags.quiet = has("quiet");
  flags.force = has("force");
  return flags;
}

std::vector<model::FixedValue> Arguments::fixed_values() const {
  std::vector<model::FixedValue> values;
  for (const std::string& word : all("fix")) {
    const std::size_t equals = word.find('=');
    const auto number = equals == std::string::npos
                            ? std::nullopt
                            : io::parse_integer(std::string_view(word).substr(equals + 1));
    if (!number || equals == 0) {
      fail(fmt::format("--fix: got {}; expected KEY=VALUE with an integer, as pe_dim=16",
                       io::shown(word)));
    }
    const std::string key = word.substr(0, equals);
    const bool repeated =
        std::any_of(values.begin(), values.end(), [&](const model::FixedValue& value) {
          return value.key == key;
        });
    if (repeated) fail(fmt::format("--fix: {} given twice", key));
    values.push_back({key, static_cast<double>(*number)});
  }
  return values;
}

model::Factors Arguments::factors() const {
  const std::string factors = text("factors").value_or("perfect");
  if (factors != "perfect" && factors != "imperfect") {
    fail(fmt::format("--factors: got {}; expected perfect or imperfect{}",
                     io::shown(factors),
                     io::did_you_mean(factors, {"perfect", "imperfect"})));
  }
  return factors == "perfect" ? model::Factors::perfect : model::Factors::imperfect;
}

void Arguments::fail(const std::string& message) const {
  throw UsageError(
      fmt::format("masala {}: {}\nSee: masala {} --help", command_, message, command_));
}

}  // namespace masala::cli
