// Help, versions, and texts that fit a terminal.
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sstream>

#include "cli/run_masala.h"
#include "cli/sample_files.h"

namespace masala::test {
namespace {

constexpr const char* kCommands[] = {
    "train", "search", "compare", "evaluate", "simulate", "sample", "info"};

std::size_t longest_line(const std::string& text) {
  std::istringstream lines(text);
  std::size_t longest = 0;
  for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
  return longest;
}

TEST(Help, EveryCommandHelpsInThreeWaysIn80Columns) {
  const TemporaryDirectory directory;
  for (const std::string command : kCommands) {
    const Finished help = run_masala(directory.path(), {"help", command});
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_EQ(run_masala(directory.path(), {command, "-h"}).out, help.out);
    EXPECT_EQ(run_masala(directory.path(), {command, "--help"}).out, help.out);
    EXPECT_NE(help.out.find("masala " + command), std::string::npos);
    EXPECT_LE(longest_line(help.out), 80U) << help.out;
  }
  const Finished overview = run_masala(directory.path(), {"help"});
  EXPECT_EQ(overview.exit_code, 0);
  EXPECT_LE(longest_line(overview.out), 80U) << overview.out;
}

TEST(Help, EveryCommandTellsTheVersion) {
  const TemporaryDirectory directory;
  const std::string version = run_masala(directory.path(), {"-V"}).out;
  EXPECT_EQ(version.rfind("masala ", 0), 0U);
  for (const std::string command : kCommands)
    EXPECT_EQ(run_masala(directory.path(), {command, "-V"}).out, version);
}

TEST(Help, HelpOfAnUnknownCommandSuggestsOne) {
  const TemporaryDirectory directory;
  const Finished run = run_masala(directory.path(), {"help", "serach"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.err,
            "masala: unknown command \"serach\" (did you mean search?)\nSee: masala --help\n");
}

// What a terminal of so many columns gets.
std::string on_a_terminal(unsigned short columns, const std::string& words) {
  winsize size{};
  size.ws_col = columns;
  size.ws_row = 24;
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, &size);
  if (child == 0) {
    const std::string command = std::string(MASALA_BINARY) + " " + words + " > /dev/null";
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }
  std::string text;
  char block[4096];
  for (ssize_t got = 0; (got = read(terminal, block, sizeof block)) > 0;) text.append(block, got);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0) << text;
  return text;
}

TEST(Help, TheProgressLineIsCutToTheTerminal) {
  const std::string drawn =
      on_a_terminal(40, "search -w bert -a gemmini --method annealing --budget 30000");
  std::istringstream lines(drawn);
  int drawings = 0;
  for (std::string line; std::getline(lines, line, '\r');) {
    const std::string erase = "\033[K";
    if (line.rfind(erase, 0) != 0) continue;
    ++drawings;
    EXPECT_LT(line.size() - erase.size(), 40U) << line;
  }
  EXPECT_GT(drawings, 1) << drawn;
}

}  // namespace
}  // namespace masala::test
