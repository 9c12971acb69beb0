// The roofline as a latency model: the cycles of cost.h as they are, sure of themselves everywhere.
#pragma once

#include <memory>

namespace masala::model {

class LatencyModel;

// Tier "roofline"; always the same object.
std::shared_ptr<const LatencyModel> roofline();

// Whether the model is the roofline: it tells apart only mappings that move other words or use
// other PEs, costs nothing beyond cost_of() and says nothing of how sure it is.
bool is_roofline(const LatencyModel& latency);

}  // namespace masala::model
