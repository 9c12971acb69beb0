#pragma once

#include <string>

namespace masala::model {

// A constant of an analytical estimate, in cycles per counted thing. A fit keeps it within a factor
// of its start: without bounds one runs off in an unlucky selection of rows.
struct FittedConstant {
  std::string name;
  double start = 1.0;
  double bound = 1.0;  // the factor
};

}  // namespace masala::model
