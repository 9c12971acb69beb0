#include "cli/run_masala.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <stdexcept>
#include <thread>

extern char** environ;

namespace masala::test {
namespace {

namespace fs = std::filesystem;

constexpr auto kPollInterval = std::chrono::milliseconds(10);

// A null-terminated array of pointers into strings that outlive it.
std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (std::string& text : strings) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// Ours with additions; the user's own settings must not leak into the tests.
std::vector<std::string> environment_of(const RunOptions& options) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (text.rfind("MASALA_", 0) != 0) out.push_back(text);
  }
  for (const auto& [name, value] : options.environment) out.push_back(name + "=" + value);
  return out;
}

}  // namespace

Words words_of(const std::string& text) {
  std::istringstream stream(text);
  Words words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (fs::temp_directory_path() / "masala-cli-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void TemporaryDirectory::write(std::string_view name, std::string_view content) const {
  fs::create_directories(fs::path(file(name)).parent_path());
  std::ofstream stream(file(name), std::ios::binary);
  stream << content;
  if (!stream.flush()) throw std::runtime_error("cannot write " + file(name));
}

void TemporaryDirectory::make_folder(std::string_view name) const {
  fs::create_directories(file(name));
}

std::string TemporaryDirectory::read(std::string_view name) const {
  return read_text_file(file(name));
}

bool TemporaryDirectory::has(std::string_view name) const {
  return fs::exists(fs::symlink_status(file(name)));
}

std::map<std::string, std::string> TemporaryDirectory::snapshot() const {
  std::map<std::string, std::string> content;
  for (const auto& entry : fs::recursive_directory_iterator(path_)) {
    const std::string name = fs::relative(entry.path(), path_);
    content[name] = entry.is_directory()      ? "(folder)"
                    : entry.is_regular_file() ? read_text_file(entry.path())
                                              : "(other)";
  }
  return content;
}

RunningMasala::RunningMasala(const std::string& directory,
                             const Words& words,
                             const RunOptions& options) {
  const std::string out =
      options.stdout_path.empty() ? captured_.file("stdout") : options.stdout_path;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  constexpr int kWrite = O_WRONLY | O_CREAT | O_TRUNC;
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), kWrite, 0600);
  const std::string err = captured_.file("stderr");
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), kWrite, 0600);
  ::posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());

  std::vector<std::string> arguments = {MASALA_BINARY};
  arguments.insert(arguments.end(), words.begin(), words.end());
  std::vector<std::string> environment = environment_of(options);
  const int error = ::posix_spawn(&pid_,
                                  MASALA_BINARY,
                                  &actions,
                                  nullptr,
                                  pointers(arguments).data(),
                                  pointers(environment).data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start " MASALA_BINARY);
}

RunningMasala::~RunningMasala() {
  if (has_ended()) return;
  send(SIGKILL);
  ::waitpid(pid_, &status_, 0);
}

bool RunningMasala::wait_for_stderr(std::string_view text, std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (true) {
    const bool ended = has_ended();
    if (captured_.read("stderr").find(text) != std::string::npos) return true;
    if (ended || std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(kPollInterval);
  }
}

void RunningMasala::send(int signal) const {
  ::kill(pid_, signal);
}

Finished RunningMasala::finish(std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!has_ended()) {
    if (std::chrono::steady_clock::now() >= deadline) send(SIGKILL);
    std::this_thread::sleep_for(kPollInterval);
  }
  Finished run;
  run.exit_code = WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
  if (captured_.has("stdout")) run.out = captured_.read("stdout");
  run.err = captured_.read("stderr");
  return run;
}

bool RunningMasala::has_ended() {
  if (!ended_) ended_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
  return ended_;
}

Finished run_masala(const std::string& directory, const Words& words, const RunOptions& options) {
  return RunningMasala(directory, words, options).finish(kLongestRun);
}

void run_two_at_a_time(std::size_t count, const std::function<void(std::size_t)>& task) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) task(i);
  };
  std::future<void> other = std::async(std::launch::async, work);
  work();
  other.get();
}

std::string data_file(std::string_view name) {
  return std::string(MASALA_DATA "/").append(name);
}

std::string read_text_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + path);
  std::ostringstream content;
  content << stream.rdbuf();
  return content.str();
}

}  // namespace masala::test
