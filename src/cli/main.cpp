// masala: dispatch to the subcommands, and the one place where errors become messages.
#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <malloc.h>

#include <cstdio>
#include <exception>

#include <fmt/format.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "masala/app/run_options.h"
#include "masala/app/user_text.h"

namespace masala::cli {
namespace {

struct Command {
  const char* name;
  const char* summary;
  int (*run)(const Words&);
  // Work polls for interruptions many times a second. Where it does not, as while it reads a huge
  // file, the command is ended after this time: long where there are results to save.
  unsigned grace_seconds;
};

constexpr unsigned kNothingToSave = 2;
constexpr unsigned kResultsToSave = 60;

constexpr Command kCommands[] = {
    {"train", "fit the latency models to measured cycles", train_command, kNothingToSave},
    {"search", "find buffers and mappings for a workload", search_command, kResultsToSave},
    {"compare",
     "what a better latency model buys, on equal terms",
     compare_command,
     kResultsToSave},
    {"evaluate",
     "score given mappings (a traces CSV, or a design.json)",
     evaluate_command,
     kNothingToSave},
    {"simulate",
     "cycles of given mappings on the built-in Gemmini simulator",
     simulate_command,
     kResultsToSave},
    {"sample", "draw mappings worth measuring or simulating", sample_command, kNothingToSave},
    {"info",
     "list accelerators, workloads and methods, or describe a file",
     info_command,
     kNothingToSave},
};

constexpr const char* kStdoutFailure = "stdout: cannot write; expected a writable stream";

std::string overview() {
  std::string text =
      "Masala chooses the buffers and mappings of a DNN accelerator.\n\n"
      "Usage: masala COMMAND [flags]        masala help COMMAND\n\nCommands:\n";
  for (const Command& command : kCommands)
    text += fmt::format("  {:<10} {}\n", command.name, command.summary);
  text +=
      "\nExamples:\n"
      "  masala info workloads\n"
      "  masala search --workload resnet50 --accelerator gemmini -o out/\n"
      "  masala evaluate --accelerator gemmini --design out/design.json\n\n"
      "Results go to stdout, progress to stderr. Exit codes: 0 ok, 1 bad input or no\n"
      "valid design, 2 wrong usage, 130 interrupted.\n";
  return text;
}

int run(const std::string& name, const Words& words) {
  for (const Command& command : kCommands) {
    if (name != command.name) continue;
    const InterruptGuard guard(command.grace_seconds);
    return command.run(words);
  }
  std::vector<std::string> names;
  for (const Command& command : kCommands) names.emplace_back(command.name);
  throw UsageError(fmt::format("masala: unknown command {}{}\nSee: masala --help",
                               app::shown(name),
                               app::did_you_mean(name, names)));
}

int dispatch(const Words& words) {
  if (words.empty()) throw UsageError(overview());
  const std::string& first = words[0];
  if (first == "help" && words.size() > 1) return run(words[1], {"--help"});
  if (first == "--help" || first == "help" || first == "-h") {
    fmt::print("{}", overview());
    return kExitOk;
  }
  if (first == "--version" || first == "-V") {
    fmt::print("{}", version_text());
    return kExitOk;
  }
  return run(first, {words.begin() + 1, words.end()});
}

// OpenBLAS, where it is the BLAS behind LibTorch, has threads of its own.
void use_one_blas_thread() {
  using SetThreads = void (*)(int);
  void* function = dlsym(RTLD_DEFAULT, "openblas_set_num_threads");
  if (function != nullptr) reinterpret_cast<SetThreads>(function)(1);
}

}  // namespace
}  // namespace masala::cli

int main(int argc, char** argv) {
  using namespace masala;  // NOLINT: the only place
#ifdef __GLIBC__
  // Keep the memory of dead tensors instead of returning it to the system at every step.
  constexpr int kKeptBytes = 1 << 28;
  mallopt(M_MMAP_THRESHOLD, kKeptBytes);
  mallopt(M_TRIM_THRESHOLD, kKeptBytes);
#endif
  // Parallelism is over the tasks of a search; threads inside its small operations would only wait.
  at::set_num_threads(1);
  cli::use_one_blas_thread();
  try {
    const int code = cli::dispatch({argv + 1, argv + argc});
    if (std::fflush(stdout) != 0) throw app::InputError(cli::kStdoutFailure);
    return code;
  } catch (const cli::UsageError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return cli::kExitUsage;
  } catch (const app::InputError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return cli::kExitBadInput;
  } catch (const app::Interrupted&) {
    fmt::print(stderr, "masala {}: interrupted, nothing written\n", argv[1]);
    return cli::kExitInterrupted;
  } catch (const std::exception& error) {
    if (std::ferror(stdout) != 0) {
      fmt::print(stderr, "{}\n", cli::kStdoutFailure);
      return cli::kExitBadInput;
    }
    // Not the user's doing. Only the first line: LibTorch appends its stack frames.
    const std::string text = error.what();
    fmt::print(stderr, "masala: internal error: {}\n", text.substr(0, text.find('\n')));
    return cli::kExitBadInput;
  }
}
