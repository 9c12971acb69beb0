// masala: dispatch to the subcommands, and the one place where errors become messages.
#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <malloc.h>

#include <cstdio>
#include <exception>

#include <fmt/format.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "io/input_error.h"
#include "io/text.h"

namespace masala::cli {
namespace {

struct Command {
  const char* name;
  const char* summary;
  int (*run)(const Words&);
};

constexpr Command kCommands[] = {
    {"train", "fit the latency models to measured cycles", train_command},
    {"search", "find buffers and mappings for a workload", search_command},
    {"compare", "what a better latency model buys, on equal terms", compare_command},
    {"evaluate", "score given mappings (a traces CSV, or a design.json)", evaluate_command},
    {"simulate", "cycles of given mappings on the built-in Gemmini simulator", simulate_command},
    {"sample", "draw mappings worth measuring or simulating", sample_command},
    {"info", "list accelerators, workloads and methods, or describe a file", info_command},
};

constexpr int kExitBadInput = 1;
constexpr int kExitUsage = 2;
constexpr const char* kStdoutFailure = "stdout: cannot write; expected a writable stream";

std::string overview() {
  std::string text =
      "Masala chooses the buffers and mappings of a DNN accelerator.\n\n"
      "Usage: masala COMMAND [flags]        masala COMMAND --help\n\nCommands:\n";
  for (const Command& command : kCommands)
    text += fmt::format("  {:<10} {}\n", command.name, command.summary);
  text +=
      "\nExamples:\n"
      "  masala info workloads\n"
      "  masala search --workload resnet50 --accelerator gemmini -o out/\n"
      "  masala evaluate --accelerator gemmini --design out/design.json\n\n"
      "Results go to stdout, progress to stderr. Exit codes: 0 ok, 1 bad input or no valid "
      "design,\n"
      "2 wrong usage.\n";
  return text;
}

int dispatch(const Words& words) {
  if (words.empty()) throw UsageError(overview());
  if (words[0] == "--help" || words[0] == "help" || words[0] == "-h") {
    fmt::print("{}", overview());
    return 0;
  }
  if (words[0] == "--version") {
    fmt::print("{}", version_text());
    return 0;
  }
  for (const Command& command : kCommands) {
    if (words[0] == command.name) return command.run({words.begin() + 1, words.end()});
  }
  std::vector<std::string> names;
  for (const Command& command : kCommands) names.emplace_back(command.name);
  throw UsageError(fmt::format("masala: unknown command {}{}\nSee: masala --help",
                               io::shown(words[0]),
                               io::did_you_mean(words[0], names)));
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
    if (std::fflush(stdout) != 0) throw io::InputError(cli::kStdoutFailure);
    return code;
  } catch (const cli::UsageError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return cli::kExitUsage;
  } catch (const io::InputError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return cli::kExitBadInput;
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
