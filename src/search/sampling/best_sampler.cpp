#include "search/sampling/best_sampler.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <set>
#include <stdexcept>
#include <string>

#include "search/exact/shortlist.h"
#include "search/space/hardware_draw.h"

namespace masala::search {
namespace {

constexpr std::int64_t kRowsOnHardware = 4;
constexpr int kDraws = 64;  // of hardware, until one runs the layer

// Both draw as libstdc++'s distributions do, spelled out so that every platform draws the same.
// A real in [0, 1).
double draw_unit(std::mt19937_64& rng) {
  const double below_one = std::nextafter(1.0, 0.0);
  return std::min(std::ldexp(static_cast<double>(rng()), -64), below_one);
}

// An integer in [0, n), n < 2^32: the product of n and a real in [0, 1) of 64 bits, rounded down.
std::size_t draw_index(std::mt19937_64& rng, std::size_t n) {
  constexpr int kHalf = 32;
  constexpr std::uint64_t kLow = 0xffffffff;
  const std::uint64_t draw = rng();
  return static_cast<std::size_t>(((draw >> kHalf) * n + (((draw & kLow) * n) >> kHalf)) >> kHalf);
}

Problem of_layer(const Problem& problem, const model::Layer& layer) {
  Problem alone = problem;
  alone.workload.layers = {layer};
  return alone;
}

class BestOfLayer {
 public:
  BestOfLayer(const BestSampleRequest& request, std::size_t index, const Monitor& monitor)
      : request_(request),
        monitor_(monitor),
        index_(index),
        space_(of_layer(request.problem, request.layers[index])) {}

  SampledMapping next() {
    const bool is_first = turn_ % kRowsOnHardware == 0;
    if (is_first) list_best(turn_ / kRowsOnHardware);
    ++turn_;
    SampledMapping row{index_, hardware_, listed_.front().mapping, false};
    if (!is_first) row.mapping = draw_new();
    row.is_repeated = !seen_.insert(model::to_text(row.mapping, accelerator())).second;
    return row;
  }

 private:
  // The best mappings on new hardware.
  void list_best(std::int64_t group) {
    rng_ = random_stream(request_.seed, index_, static_cast<std::uint64_t>(group));
    const double weight = std::exp2(2.0 * draw_unit(rng_) - 1.0);
    const Price price = [weight](double energy_pj, double cycles) {
      return std::log(energy_pj) + weight * std::log(cycles);
    };
    for (int i = 0; i < kDraws; ++i) {
      monitor_.throw_if_stopped();
      const auto drawn = draw_hardware(space_, rng_);
      if (!drawn) break;
      hardware_ = *drawn;
      const model::Machine machine = model::resolve(accelerator(), hardware_);
      listed_ = shortlist({space_, 0, machine}, {request_.best, price}, monitor_);
      if (!listed_.empty()) return;
    }
    throw std::invalid_argument(layer().name +
                                ": no mapping found that runs on the accelerator; expected larger "
                                "buffers");
  }

  // Any one of the list that the layer has not had, or any one.
  const model::Mapping& draw_new() {
    std::vector<std::size_t> fresh;
    for (std::size_t i = 0; i < listed_.size(); ++i) {
      if (seen_.count(model::to_text(listed_[i].mapping, accelerator())) == 0) fresh.push_back(i);
    }
    const std::size_t choices = fresh.empty() ? listed_.size() : fresh.size();
    const std::size_t at = draw_index(rng_, choices);
    return listed_[fresh.empty() ? at : fresh[at]].mapping;
  }

  const model::Layer& layer() const { return request_.layers[index_]; }
  const model::Accelerator& accelerator() const { return request_.problem.accelerator; }

  const BestSampleRequest& request_;
  const Monitor& monitor_;
  std::size_t index_;
  DiscreteSpace space_;
  std::mt19937_64 rng_;
  std::int64_t turn_ = 0;  // rows drawn
  model::Hardware hardware_;
  std::vector<CostedMapping> listed_;
  std::set<std::string> seen_;
};

}  // namespace

std::vector<SampledMapping> sample_best(const BestSampleRequest& request, const Monitor& monitor) {
  const auto start = [&](std::size_t layer) -> LayerSampling {
    const auto sampler = std::make_shared<BestOfLayer>(request, layer, monitor);
    return [sampler] { return sampler->next(); };
  };
  return rows_in_turn(request.layers.size(), request.count, request.threads, start);
}

}  // namespace masala::search
