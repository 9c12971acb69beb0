// The table of search methods: adding one is a file of its own and a line here.
#include "masala/search/searcher.h"
#include "search/exact/exact_search.h"
#include "search/methods/annealing_search.h"
#include "search/methods/bayesian_search.h"
#include "search/methods/genetic_search.h"
#include "search/methods/gradient_search.h"
#include "search/methods/random_search.h"

namespace masala::search {

const std::vector<Method>& methods() {
  static const std::vector<Method> kMethods = {
      {"gradient",
       "many starts descend together on relaxed factors, then discrete refinement",
       gradient_search,
       nullptr,
       true},
      {"random", "random hardware x random valid mappings (baseline)", random_search},
      {"exact",
       "every mapping, loop order and hardware value: the certified optimum",
       exact_search,
       exact_problems},
      {"bayesian", "Gaussian process over hardware, random mapper inside", bayesian_search},
      {"annealing",
       "simulated annealing of hardware and loop sequences",
       annealing_search,
       nullptr,
       true},
      {"genetic", "genetic algorithm over hardware and mappings", genetic_search},
  };
  return kMethods;
}

const Method* find_method(const std::string& name) {
  for (const Method& method : methods()) {
    if (name == method.name) return &method;
  }
  return nullptr;
}

}  // namespace masala::search
