// Whole files in and out, with errors that say what to do.
#pragma once

#include <string>
#include <string_view>

namespace masala::io {

// The content of a file of at most 1 GiB.
std::string read_file(const std::string& path);

// Writes through a temporary file in the same folder and a rename, so that the target holds either
// its old or its new content, whatever happens. Pipes and devices are written directly.
void write_file_atomically(const std::string& path, std::string_view content);

// Refuses a path that exists, unless `force`. Pipes and devices always pass.
void ensure_new_file(const std::string& path, bool force);

// Creates the folder and its parents; refuses one with content beside a lock, unless `force`.
void prepare_output_directory(const std::string& path, bool force);

bool is_pipe_or_device(const std::string& path);

// Throws the error of an output that cannot be written, for an errno.
[[noreturn]] void fail_writing(const std::string& path, int error);

}  // namespace masala::io
