// How the gradient method searches: the defaults are the method, everything else is there to be
// compared with it (docs/search.md).
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace masala::search {

// How the descent finds the loop orders of a start's layers.
enum class OrderSearch {
  none,     // they stay as drawn
  iterate,  // now and then the best candidate of each layer alone
  softmax,  // all candidates in every step, weighted by how good they are for the layer alone
  coupled,  // now and then the candidate that is best for the whole design
};
inline constexpr std::array<OrderSearch, 4> kAllOrderSearches = {
    OrderSearch::none, OrderSearch::iterate, OrderSearch::softmax, OrderSearch::coupled};

std::string_view name(OrderSearch orders);
std::optional<OrderSearch> order_search_from_name(std::string_view text);

// What hill climbing tries.
struct RefinementMoves {
  bool pairs = true;     // two prime factors at once, where moving a single one does not help
  bool hardware = true;  // other sizes and parameters
};

// All but `orders` is for measuring what an ingredient is worth (bench/gradient_ablation.cpp).
struct GradientOptions {
  OrderSearch orders = OrderSearch::coupled;
  bool descent = true;     // false: the random starts are rounded as they are
  bool rounding = true;    // false: not before the end of a descent of as many steps
  bool cooling = true;     // false: every step has the first one's learning rate
  bool annealing = true;   // of the best designs
  bool refinement = true;  // hill climbing after that
  RefinementMoves moves;   // of the refinement
};

}  // namespace masala::search
