#include "search/gradient_options.h"

namespace masala::search {

std::string_view name(OrderSearch orders) {
  switch (orders) {
    case OrderSearch::none: return "none";
    case OrderSearch::iterate: return "iterate";
    case OrderSearch::softmax: return "softmax";
    case OrderSearch::coupled: break;
  }
  return "coupled";
}

std::optional<OrderSearch> order_search_from_name(std::string_view text) {
  for (OrderSearch orders : kAllOrderSearches) {
    if (name(orders) == text) return orders;
  }
  return std::nullopt;
}

}  // namespace masala::search
