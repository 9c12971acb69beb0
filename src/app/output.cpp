#include "masala/app/output.h"

#include <filesystem>

#include "io/file.h"

namespace masala::app {

OutputFile::OutputFile(std::string path, Existing existing) : path_(std::move(path)) {
  io::ensure_new_file(path_, existing != Existing::refuse);
  lock_ = std::make_unique<io::OutputLock>(path_);
}

void OutputFile::write(std::string_view content) const {
  io::write_file_atomically(path_, content);
}

void OutputFile::write_beside(const std::string& suffix, std::string_view content) const {
  if (std::filesystem::is_regular_file(path_)) io::write_file_atomically(path_ + suffix, content);
}

OutputFolder::OutputFolder(std::string path, Existing existing) : path_(std::move(path)) {
  std::error_code ignored;
  is_new_ = !std::filesystem::exists(path_, ignored);
  io::prepare_output_directory(path_, existing != Existing::refuse);
  lock_ = std::make_unique<io::OutputLock>(path_);
}

OutputFolder::~OutputFolder() {
  lock_.reset();
  std::error_code ignored;
  if (is_new_) std::filesystem::remove(path_, ignored);  // leaves one with content alone
}

void OutputFolder::write(const std::string& name, std::string_view content) const {
  io::write_file_atomically(file(name), content);
}

}  // namespace masala::app
