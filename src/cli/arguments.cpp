#include "cli/arguments.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "masala/app/provenance.h"
#include "masala/app/user_text.h"

namespace masala::cli {
namespace {

// "workload" of "w,workload".
std::string long_name(const std::string& flag) {
  const std::size_t comma = flag.find(',');
  return comma == std::string::npos ? flag : flag.substr(comma + 1);
}

// Prose in lines of at most kTextColumns; lines that are indented, as examples are, stay.
std::string wrapped(const std::string& text) {
  std::istringstream lines(text);
  std::string out;
  std::string line;  // of prose, under way
  const auto flush = [&] {
    if (!line.empty()) out += line + "\n";
    line.clear();
  };
  for (std::string given; std::getline(lines, given);) {
    if (given.empty() || given[0] == ' ' || given.back() == ':') {
      flush();
      out += given + "\n";
      continue;
    }
    std::istringstream words(given);
    for (std::string word; words >> word;) {
      if (!line.empty() && line.size() + 1 + word.size() > kTextColumns) flush();
      line += (line.empty() ? "" : " ") + word;
    }
  }
  flush();
  return out;
}

}  // namespace

std::string version_text() {
  return fmt::format("masala {} (LibTorch {})\n", app::version(), app::torch_version());
}

Arguments::Arguments(const std::string& command,
                     const std::string& summary,
                     const std::string& positional)
    : command_(command), positional_(positional), options_("masala " + command, wrapped(summary)) {
  options_.set_width(kTextColumns);
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
  flag_names_.push_back("--" + long_name(flag));
  if (long_name(flag) != flag) flag_names_.push_back("-" + flag.substr(0, flag.find(',')));
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
      {"h,help", "this text", ""},
      {"V,version", "version of masala and LibTorch", ""},
  };
  std::vector<std::string> groups = groups_;
  for (const auto& flag : flags) {
    const std::string name = long_name(flag.flag);
    const bool shown =
        shown_common_.empty() ||
        std::find(shown_common_.begin(), shown_common_.end(), name) != shown_common_.end();
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
  words_ = words;
  std::vector<const char*> argv = {"masala"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  try {
    result_ = options_.parse(static_cast<int>(argv.size()), argv.data());
  } catch (const cxxopts::exceptions::no_such_option&) {
    fail_unknown_flag();
  } catch (const cxxopts::exceptions::exception& error) {
    fail(error.what());
  }
  if (result_.count("help") > 0) {
    fmt::print("{}{}", help_text(), wrapped(footer_));
    return false;
  }
  if (result_.count("version") > 0) {
    fmt::print("{}", version_text());
    return false;
  }
  if (!result_.unmatched().empty()) {
    fail(fmt::format("unexpected argument {}", app::shown(result_.unmatched().front())));
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
  const auto number = app::parse_integer(*value);
  if (number && *number >= min && *number <= max) return number;
  const std::string range = max == std::numeric_limits<std::int64_t>::max()
                                ? fmt::format("an integer >= {}", min)
                                : fmt::format("an integer from {} to {}", min, max);
  fail(fmt::format("--{}: got {}; expected {}", flag, app::shown(*value), range));
}

std::optional<double> Arguments::positive(const std::string& flag) const {
  const auto value = text(flag);
  if (!value) return std::nullopt;
  const auto number = app::parse_number(*value);
  if (number && *number > 0.0) return number;
  fail(fmt::format("--{}: got {}; expected a number > 0", flag, app::shown(*value)));
}

std::optional<double> Arguments::non_negative(const std::string& flag) const {
  const auto value = text(flag);
  if (!value) return std::nullopt;
  const auto number = app::parse_number(*value);
  if (number && *number >= 0.0) return number;
  fail(fmt::format("--{}: got {}; expected a number >= 0", flag, app::shown(*value)));
}

std::optional<std::string> Arguments::choice(const std::string& flag,
                                             const std::vector<std::string>& choices) const {
  const auto value = text(flag);
  if (!value || std::find(choices.begin(), choices.end(), *value) != choices.end()) return value;
  const std::string expected = choices.size() == 2
                                   ? choices[0] + " or " + choices[1]
                                   : fmt::format("one of {}", fmt::join(choices, ", "));
  fail(fmt::format("--{}: got {}; expected {}{}",
                   flag,
                   app::shown(*value),
                   expected,
                   app::did_you_mean(*value, choices)));
}

std::uint64_t Arguments::seed() const {
  const auto value = text("seed");
  if (!value) return 0;
  std::uint64_t seed = 0;
  const char* end = value->data() + value->size();
  const auto [rest, error] = std::from_chars(value->data(), end, seed);
  if (error == std::errc() && rest == end) return seed;
  fail(fmt::format("--seed: got {}; expected an integer from 0 to 2^64 - 1", app::shown(*value)));
}

// The first word that is no flag of the command, as cxxopts does not say which in a way to use.
void Arguments::fail_unknown_flag() const {
  for (const std::string& word : words_) {
    if (word.size() < 2 || word[0] != '-') continue;
    const std::string name = word[1] == '-' ? word.substr(0, word.find('=')) : word.substr(0, 2);
    if (std::find(flag_names_.begin(), flag_names_.end(), name) != flag_names_.end()) continue;
    const bool is_long = name.rfind("--", 0) == 0;
    fail(fmt::format("unknown flag {}{}",
                     app::shown(name),
                     is_long ? app::did_you_mean(name, flag_names_) : ""));
  }
  fail("unknown flag");
}

app::RunOptions Arguments::run_options() const {
  const CommonFlags flags = common();
  std::vector<std::string> words = {"masala", command_};
  words.insert(words.end(), words_.begin(), words_.end());
  return {app::command_text(words), flags.seed, flags.threads};
}

std::optional<std::string> Arguments::program() const {
  return choice("program", app::program_names());
}

std::optional<std::string> Arguments::cache() const {
  return choice("cache", app::cache_state_names());
}

CommonFlags Arguments::common() const {
  CommonFlags flags;
  const auto cores = static_cast<std::int64_t>(std::max(1U, std::thread::hardware_concurrency()));
  constexpr std::int64_t kMaxThreads = 1024;
  flags.output = text("output");
  flags.seed = seed();
  flags.threads = static_cast<int>(integer("threads", 1, kMaxThreads).value_or(cores));
  const bool as_json = choice("format", {"console", "json"}).value_or("console") == "json";
  flags.format = as_json ? OutputFormat::json : OutputFormat::console;
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
                            : app::parse_integer(std::string_view(word).substr(equals + 1));
    if (!number || equals == 0) {
      fail(fmt::format("--fix: got {}; expected KEY=VALUE with an integer, as pe_dim=16",
                       app::shown(word)));
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

model::Factors Arguments::factors(model::Factors otherwise) const {
  const auto text = choice("factors", {"perfect", "imperfect"});
  if (!text) return otherwise;
  return *text == "perfect" ? model::Factors::perfect : model::Factors::imperfect;
}

void Arguments::fail(const std::string& message) const {
  throw UsageError(
      fmt::format("masala {}: {}\nSee: masala {} --help", command_, message, command_));
}

}  // namespace masala::cli
