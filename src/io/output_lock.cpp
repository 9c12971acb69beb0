#include "masala/io/output_lock.h"

#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file.h"
#include "masala/io/input_error.h"

namespace masala::io {
namespace {

namespace fs = std::filesystem;

// Of the file itself where `path` is a link, so that both names share a lock.
std::string lock_path_of(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return fs::path(path) / kFolderLockName;
  const fs::path target = fs::exists(path, error) ? fs::canonical(path, error) : fs::path(path);
  return (error ? path : target.string()) + ".lock";
}

// 0, or the error.
int lock(int fd) {
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

// Whether the name still belongs to the locked file: its last holder may have removed it between
// our opening and our locking it.
bool is_file_of(int fd, const std::string& path) {
  struct stat locked {};
  struct stat named {};
  return ::fstat(fd, &locked) == 0 && ::stat(path.c_str(), &named) == 0 &&
         locked.st_dev == named.st_dev && locked.st_ino == named.st_ino;
}

}  // namespace

OutputLock::OutputLock(const std::string& path) {
  if (path.empty() || is_pipe_or_device(path)) return;
  lock_path_ = lock_path_of(path);
  while (true) {
    fd_ = ::open(lock_path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd_ < 0) fail_writing(path, errno);
    const int error = lock(fd_);
    if (error == EWOULDBLOCK) {
      ::close(fd_);
      throw InputError(path +
                       ": another run is writing it; expected to wait for it or another --output");
    }
    // Any other error is that of a file system without locks.
    if (error != 0 || is_file_of(fd_, lock_path_)) return;
    ::close(fd_);
  }
}

OutputLock::~OutputLock() {
  if (fd_ < 0) return;
  ::unlink(lock_path_.c_str());  // while it is held: nobody else's
  ::close(fd_);
}

}  // namespace masala::io
