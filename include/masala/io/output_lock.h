// Keeps two runs from writing the same output.
#pragma once

#include <string>

namespace masala::io {

// Holds the exclusive lock of an output from construction to destruction: of a folder, which must
// exist, `<path>/.lock`, of anything else `<path>.lock`. Throws an InputError at once where another
// run holds it. The kernel lets go when a process dies, however it dies: a lock file that is left
// over is harmless. Pipes and devices, and file systems without locks, have none.
class OutputLock {
 public:
  explicit OutputLock(const std::string& path);
  OutputLock(const OutputLock&) = delete;
  OutputLock& operator=(const OutputLock&) = delete;
  ~OutputLock();

 private:
  std::string lock_path_;
  int fd_ = -1;  // -1: nothing to lock
};

// The name of a folder's lock file: not a result.
inline constexpr const char* kFolderLockName = ".lock";

}  // namespace masala::io
