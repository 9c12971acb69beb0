// Where results go: checked before the work begins, and written by one run at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "masala/io/output_lock.h"

namespace masala::app {

// What becomes of an output that is there already.
enum class Existing { refuse, replace, resume };

// Constructors throw an InputError where the output exists and may not be replaced, cannot be
// written, or another run is writing it.
class OutputFile {
 public:
  OutputFile(std::string path, Existing existing);

  const std::string& path() const { return path_; }
  // The old content or the new one, whatever happens.
  void write(std::string_view content) const;
  // Another file that belongs to the output: `path` + suffix. Not of pipes and devices.
  void write_beside(const std::string& suffix, std::string_view content) const;

 private:
  std::string path_;
  std::unique_ptr<io::OutputLock> lock_;
};

// Made where it is missing, with its parents; one that was made and stayed empty goes again.
class OutputFolder {
 public:
  OutputFolder(std::string path, Existing existing);
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;
  ~OutputFolder();

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  void write(const std::string& name, std::string_view content) const;

 private:
  std::string path_;
  bool is_new_ = false;
  std::unique_ptr<io::OutputLock> lock_;
};

}  // namespace masala::app
