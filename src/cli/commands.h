// The subcommands. Each takes the words after its own name and returns the exit code.
#pragma once

#include <string>
#include <vector>

namespace masala::cli {

using Words = std::vector<std::string>;

constexpr int kExitOk = 0;
constexpr int kExitBadInput = 1;  // or no valid design
constexpr int kExitUsage = 2;
constexpr int kExitInterrupted = 130;  // by Ctrl-C or SIGTERM

int search_command(const Words& words);
int train_command(const Words& words);
int compare_command(const Words& words);
int evaluate_command(const Words& words);
int simulate_command(const Words& words);
int sample_command(const Words& words);
int info_command(const Words& words);

}  // namespace masala::cli
