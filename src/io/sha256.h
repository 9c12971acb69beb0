// SHA-256, which identifies inputs in what we write.
#pragma once

#include <string>
#include <string_view>

namespace masala::io {

// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view content);

}  // namespace masala::io
