// A wrong use of the executable and what it must say.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/run_masala.h"

namespace masala::test {

struct BadCase {
  std::string name;
  Words words;
  std::map<std::string, std::string> files;  // in the working directory; "x/" is a folder
  int exit_code = 1;
  std::string err;  // all of stderr but its last line end; after "... " a part of it
  RunOptions options = {};
};

inline constexpr int kBadInput = 1;
inline constexpr int kUsage = 2;

// Runs each case in a fresh directory and expects its message and exit code, nothing on stdout, no
// trace of an exception, and every file and folder as it was.
void expect_refused(const std::vector<BadCase>& cases);

}  // namespace masala::test
