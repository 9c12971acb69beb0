#include "masala/search/space/objective.h"

#include <cmath>

namespace masala::search {
namespace {

double times_power(double result, double base, double exponent) {
  const auto whole = static_cast<int>(exponent);
  for (int i = 0; i < whole; ++i) result *= base;
  const double rest = exponent - whole;
  return rest > 0.0 ? result * std::pow(base, rest) : result;
}

}  // namespace

Exponents exponents(Objective objective) {
  switch (objective) {
    case Objective::edp: return {1, 1, 0};
    case Objective::energy: return {1, 0, 0};
    case Objective::latency: return {0, 1, 0};
    case Objective::ed2p: return {1, 2, 0};
    case Objective::edap: break;
  }
  return {1, 1, 1};
}

std::string_view name(Objective objective) {
  switch (objective) {
    case Objective::edp: return "edp";
    case Objective::energy: return "energy";
    case Objective::latency: return "latency";
    case Objective::ed2p: return "ed2p";
    case Objective::edap: break;
  }
  return "edap";
}

std::optional<Objective> objective_from_name(std::string_view text) {
  for (Objective objective : kAllObjectives) {
    if (name(objective) == text) return objective;
  }
  return std::nullopt;
}

std::string_view unit(Objective objective) {
  switch (objective) {
    case Objective::edp: return "uJ.cycles";
    case Objective::energy: return "uJ";
    case Objective::latency: return "cycles";
    case Objective::ed2p: return "uJ.cycles^2";
    case Objective::edap: break;
  }
  return "uJ.cycles.mm2";
}

double value(Objective objective, double energy_uj, double cycles, double area_mm2) {
  const Exponents e = exponents(objective);
  return std::pow(energy_uj, e.energy) * std::pow(cycles, e.cycles) * std::pow(area_mm2, e.area);
}

double product(const Exponents& exponents, double energy_uj, double cycles, double area_mm2) {
  double result = times_power(1.0, energy_uj, exponents.energy);
  result = times_power(result, cycles, exponents.cycles);
  return times_power(result, area_mm2, exponents.area);
}

}  // namespace masala::search
