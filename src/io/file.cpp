#include "io/file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "masala/io/input_error.h"
#include "masala/io/output_lock.h"

namespace masala::io {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 30;

[[noreturn]] void fail(const std::string& path,
                       const std::string& what,
                       const std::string& expected) {
  throw InputError(path + ": " + what + "; expected " + expected);
}

std::string error_text(int error) {
  return std::strerror(error);
}

// Closes a descriptor when it goes out of scope.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }

  int get() const { return fd_; }
  // 0, or the error: a full disk may show only here.
  int close() {
    const int fd = fd_;
    fd_ = -1;
    return ::close(fd) == 0 ? 0 : errno;
  }

 private:
  int fd_;
};

// 0, or the error.
int write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

// Some file systems cannot flush; that is no reason to refuse them.
int flush(int fd) {
  if (::fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP) return 0;
  return errno;
}

void write_directly(const std::string& path, std::string_view content) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  int error = file.get() < 0 ? errno : write_all(file.get(), content);
  if (file.get() >= 0 && error == 0) error = file.close();
  if (error != 0) fail_writing(path, error);
}

// A file in the folder of `target` that is removed unless it was renamed to it.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& target) {
    constexpr int kAttempts = 100;
    for (int i = 0; i < kAttempts && fd_ < 0; ++i) {
      const std::string suffix = std::to_string(::getpid()) + "-" + std::to_string(i) + ".tmp";
      path_ = target.parent_path() / ("." + target.filename().string() + "." + suffix);
      fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (fd_ < 0 && errno != EEXIST) break;
    }
    if (fd_ < 0) error_ = errno;
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (fd_ >= 0 && !is_renamed_) ::unlink(path_.c_str());
  }

  // 0, or the error.
  int write_and_rename(const fs::path& target, std::string_view content, mode_t mode) {
    if (fd_ < 0) return error_;
    Descriptor file(fd_);
    int error = mode != 0 && ::fchmod(fd_, mode) != 0 ? errno : 0;
    if (error == 0) error = write_all(fd_, content);
    if (error == 0) error = flush(fd_);
    if (error == 0) error = file.close();
    if (error == 0 && ::rename(path_.c_str(), target.c_str()) != 0) error = errno;
    is_renamed_ = error == 0;
    return error;
  }

 private:
  fs::path path_;
  int fd_ = -1;
  int error_ = 0;
  bool is_renamed_ = false;
};

bool is_empty_but_for_lock(const std::string& folder, std::error_code& error) {
  fs::directory_iterator entry(folder, error);
  while (!error && entry != fs::directory_iterator()) {
    if (entry->path().filename() != kFolderLockName) return false;
    entry.increment(error);
  }
  return true;
}

}  // namespace

void fail_writing(const std::string& path, int error) {
  fail(path, "cannot write: " + error_text(error), "a writable path");
}

bool is_pipe_or_device(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

std::string read_file(const std::string& path) {
  const std::string expected = "a readable file";
  const std::string too_large = "cannot read: too large";
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
    fail(path, "cannot read: " + error_text(errno), expected);
  }
  if (S_ISDIR(status.st_mode)) fail(path, "cannot read: it is a directory", "a file");

  std::string content;
  std::string block(std::size_t{1} << 16, '\0');
  const auto size = S_ISREG(status.st_mode) ? static_cast<std::size_t>(status.st_size) : 0;
  if (size > kMaxFileBytes) fail(path, too_large, "at most 1 GiB");
  content.reserve(size);
  while (true) {
    const ssize_t got = ::read(file.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path, "cannot read: " + error_text(errno), expected);
    if (got == 0) return content;
    content.append(block, 0, static_cast<std::size_t>(got));
    if (content.size() > kMaxFileBytes) fail(path, too_large, "at most 1 GiB");
  }
}

void write_file_atomically(const std::string& path, std::string_view content) {
  if (path.empty()) fail("output", "empty path", "a path");
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) {
    fail(path, "cannot write: it is a directory", "a file path");
  }
  if (exists && !S_ISREG(status.st_mode)) return write_directly(path, content);
  // Replacing a file needs no right to write to it; still, a read-only file is to be respected.
  if (exists && ::access(path.c_str(), W_OK) != 0) fail_writing(path, errno);

  std::error_code error;
  const fs::path target = exists ? fs::canonical(path, error) : fs::absolute(path, error);
  if (error) fail_writing(path, error.value());
  TemporaryFile temporary(target);
  const int failure =
      temporary.write_and_rename(target, content, exists ? status.st_mode & 07777 : 0);
  if (failure != 0) fail_writing(path, failure);
  // Makes the rename itself durable, where the file system can.
  Descriptor folder(::open(target.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() >= 0) ::fsync(folder.get());
}

void ensure_new_file(const std::string& path, bool force) {
  std::error_code error;
  if (fs::is_directory(path, error)) fail(path, "is a directory", "a file path");
  if (force || is_pipe_or_device(path)) return;
  if (fs::exists(fs::symlink_status(path, error))) fail(path, "exists", "a new path, or --force");
}

void prepare_output_directory(const std::string& path, bool force) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::exists(status)) {
    if (!fs::is_directory(status)) fail(path, "is not a directory", "a new or empty folder");
    const bool is_empty = is_empty_but_for_lock(path, error);
    if (error) fail(path, "cannot read: " + error.message(), "a readable folder");
    if (!is_empty && !force) fail(path, "exists", "a new path, or --force");
  } else {
    fs::create_directories(path, error);
    if (error) fail(path, "cannot create the folder: " + error.message(), "a writable path");
  }
  if (::access(path.c_str(), W_OK | X_OK) != 0) {
    fail(path, "cannot write: " + error_text(errno), "a writable folder");
  }
}

}  // namespace masala::io
