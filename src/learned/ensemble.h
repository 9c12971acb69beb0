// An ensemble of small networks on standardised features, trained together, and how far a point
// lies outside of what they were trained on.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "masala/learned/plan.h"
#include "masala/model/monitor.h"

namespace masala::learned {

using torch::Tensor;

// Features on one scale: clipped to the training rows' 1-99 % range, then standardised.
struct FeatureScale {
  Tensor low;    // [F]
  Tensor high;   // [F]
  Tensor mean;   // [F]
  Tensor scale;  // [F]
};
FeatureScale fit_scale(const Tensor& features);  // [B,F]

// The same as plain numbers, for one point at a time.
class ScalarScale {
 public:
  explicit ScalarScale(const FeatureScale& scale);
  // Sum over features of how far beyond the range they are, in standard deviations.
  double distance(const std::vector<double>& features) const;
  double standardised(double feature, std::size_t f) const;

 private:
  std::vector<double> low_;
  std::vector<double> high_;
  std::vector<double> mean_;
  std::vector<double> inverse_scale_;
};

// Parameters of M networks F -> H -> H -> 1 with the activation (x + sqrt(x^2 + 1)) / 2.
struct EnsembleWeights {
  std::vector<Tensor>
      tensors;  // w1 [M,F,H], b1 [M,1,H], w2 [M,H,H], b2 [M,1,H], w3 [M,H,1], b3 [M,1,1]
};

struct EnsembleEstimate {
  Tensor mean;      // [B]
  Tensor std;       // [B] over the members
  Tensor distance;  // [B] sum over features of how far beyond the range, in standard deviations
};

struct ScalarEstimate {
  double mean = 0.0;
  double std = 0.0;
  double distance = 0.0;
};

// Immutable once trained.
class Ensemble {
 public:
  Ensemble(FeatureScale scale, EnsembleWeights weights, double target_mean, double target_scale);

  EnsembleEstimate estimate(const Tensor& features) const;  // [B,F]; differentiable
  ScalarEstimate estimate(const std::vector<double>& features) const;

  const FeatureScale& scale() const { return scale_; }
  const EnsembleWeights& weights() const { return weights_; }
  double target_mean() const { return target_mean_; }
  double target_scale() const { return target_scale_; }

 private:
  // Weights of one member as plain arrays, for the scalar form.
  struct Member {
    std::vector<double> w1;
    std::vector<double> b1;
    std::vector<double> w2;
    std::vector<double> b2;
    std::vector<double> w3;
    double b3 = 0.0;
  };
  double run(const Member& member, const std::vector<double>& x) const;

  FeatureScale scale_;
  EnsembleWeights weights_;
  double target_mean_;
  double target_scale_;
  std::vector<Member> members_;
  ScalarScale scalar_scale_;
};

// features [B,F], target [B]. Deterministic for a seed, all 64 bits of it. Throws
// model::Interrupted when stopped.
Ensemble train_ensemble(const Tensor& features,
                        const Tensor& target,
                        const EnsembleOptions& options,
                        const model::Monitor& monitor = {});

}  // namespace masala::learned
