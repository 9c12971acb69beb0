// Command-line flags: the ones every command takes, and typed access with errors that name them.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

// Commas belong to paths and values; a flag that takes several values repeats.
#define CXXOPTS_VECTOR_DELIMITER '\0'
#include <cxxopts.hpp>

#include "masala/app/inputs.h"
#include "masala/app/latency.h"
#include "masala/app/output.h"
#include "masala/app/run_options.h"

namespace masala::cli {

// Wrong use of a command: exit code 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// "masala 0.1.0 (LibTorch 1.13.0)" and a line end.
std::string version_text();

// Help texts are as wide as a terminal is at least.
inline constexpr std::size_t kTextColumns = 80;

enum class OutputFormat { console, json };

struct CommonFlags {
  std::optional<std::string> output;
  std::uint64_t seed = 0;
  int threads = 1;
  OutputFormat format = OutputFormat::console;
  bool quiet = false;
  bool force = false;

  bool json() const { return format == OutputFormat::json; }
  app::Existing existing() const { return force ? app::Existing::replace : app::Existing::refuse; }
};

// A command's flags: cxxopts with the common ones added, strict about leftovers.
class Arguments {
 public:
  // `positional`: the name of the one positional argument, or empty.
  Arguments(const std::string& command,
            const std::string& summary,
            const std::string& positional = "");

  // As cxxopts: flag is "w,workload" or "workload"; value_name empty for a switch.
  void add(const std::string& group,
           const std::string& flag,
           const std::string& help,
           const std::string& value_name = "");
  void set_footer(const std::string& footer) { footer_ = footer; }
  // The common flags that --help lists, where the others are accepted but mean nothing.
  void show_common(std::vector<std::string> flags) { shown_common_ = std::move(flags); }

  // False when --help or --version was asked for and printed.
  bool parse(const std::vector<std::string>& words);

  bool has(const std::string& flag) const;
  std::optional<std::string> text(const std::string& flag) const;
  std::string required_text(const std::string& flag) const;
  std::vector<std::string> all(const std::string& flag) const;
  std::optional<std::int64_t> integer(const std::string& flag,
                                      std::int64_t min,
                                      std::int64_t max) const;
  std::optional<double> positive(const std::string& flag) const;
  std::optional<double> non_negative(const std::string& flag) const;
  // One of `choices`.
  std::optional<std::string> choice(const std::string& flag,
                                    const std::vector<std::string>& choices) const;
  CommonFlags common() const;
  // What every use case is told: the command line for provenance, seed, threads.
  app::RunOptions run_options() const;

  // Refuses the command line, naming the command and its --help.
  [[noreturn]] void fail(const std::string& message) const;

  // KEY=VALUE of every --fix; keys are checked against the accelerator elsewhere.
  std::vector<model::FixedValue> fixed_values() const;
  // --factors: as given, or the command's default.
  model::Factors factors(model::Factors otherwise = model::Factors::perfect) const;
  // --program and --cache: nullopt where they are not given.
  std::optional<std::string> program() const;
  std::optional<std::string> cache() const;

 private:
  void add_common();
  std::uint64_t seed() const;
  [[noreturn]] void fail_unknown_flag() const;
  std::string help_text() const;

  std::string command_;
  std::vector<std::string> words_;       // as given
  std::vector<std::string> flag_names_;  // "--workload", ...
  std::string footer_;
  std::vector<std::string> shown_common_;  // empty: all
  std::string positional_;
  cxxopts::Options options_;
  std::vector<std::string> groups_;
  cxxopts::ParseResult result_;
};

}  // namespace masala::cli
