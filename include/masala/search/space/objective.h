// What a search minimises.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace masala::search {

enum class Objective { edp, energy, latency, ed2p, edap };
inline constexpr std::array<Objective, 5> kAllObjectives = {
    Objective::edp, Objective::energy, Objective::latency, Objective::ed2p, Objective::edap};

// Every objective is energy^e x cycles^c x area^a.
struct Exponents {
  double energy = 0.0;
  double cycles = 0.0;
  double area = 0.0;
};
Exponents exponents(Objective objective);

std::string_view name(Objective objective);
std::optional<Objective> objective_from_name(std::string_view text);

// Of its value: "uJ.cycles" and the like.
std::string_view unit(Objective objective);

// energy in uJ, cycles, area in mm2.
double value(Objective objective, double energy_uj, double cycles, double area_mm2);

// The same for any exponents >= 0, as searches compare it: whole powers are products, cheaper than
// value() and apart from it in the last digit at most.
double product(const Exponents& exponents, double energy_uj, double cycles, double area_mm2);

}  // namespace masala::search
