// Runs the real executable in a directory of its own and captures all that it says.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace masala::test {

// A fresh directory that disappears with the object.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();

  const std::string& path() const { return path_; }
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }

  // Creates the folders on the way.
  void write(std::string_view name, std::string_view content) const;
  void make_folder(std::string_view name) const;
  std::string read(std::string_view name) const;
  bool has(std::string_view name) const;
  // Relative path -> content of every file, "(folder)" of every folder.
  std::map<std::string, std::string> snapshot() const;

 private:
  std::string path_;
};

using Words = std::vector<std::string>;

// A run that takes longer hangs: sanitizers and busy, slow machines are included.
inline constexpr auto kLongestRun = std::chrono::seconds(3600);

// The words between blanks.
Words words_of(const std::string& text);

// How a run ended and what it wrote.
struct Finished {
  int exit_code = -1;  // 128 + signal where one ended it
  std::string out;
  std::string err;
};

struct RunOptions {
  std::vector<std::pair<std::string, std::string>> environment;  // added to ours
  std::string stdout_path;  // receives stdout instead of Finished::out
};

// A run in progress, for tests that send signals to it.
class RunningMasala {
 public:
  RunningMasala(const std::string& directory, const Words& words, const RunOptions& options = {});
  RunningMasala(const RunningMasala&) = delete;
  RunningMasala& operator=(const RunningMasala&) = delete;
  ~RunningMasala();

  // True as soon as stderr holds the text; false when the run ended without it, or after `limit`.
  bool wait_for_stderr(std::string_view text, std::chrono::seconds limit);
  void send(int signal) const;
  // Kills a run that has not ended after `limit`: its exit code is 137.
  Finished finish(std::chrono::seconds limit);

 private:
  bool has_ended();

  TemporaryDirectory captured_;
  pid_t pid_ = -1;
  bool ended_ = false;
  int status_ = 0;
};

// Runs `masala words...` in `directory` to its end.
Finished run_masala(const std::string& directory,
                    const Words& words,
                    const RunOptions& options = {});

// task(0) ... task(count - 1), two at a time.
void run_two_at_a_time(std::size_t count, const std::function<void(std::size_t)>& task);

// The data folder of the source tree.
std::string data_file(std::string_view name);
std::string read_text_file(const std::string& path);

}  // namespace masala::test
