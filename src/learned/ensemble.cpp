#include "learned/ensemble.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/nn/functional/loss.h>
#include <torch/optim/adamw.h>

#include <algorithm>
#include <cmath>

#include "masala/model/random.h"

namespace masala::learned {
namespace {

constexpr double kClip = 5.0;  // of a standardised feature
constexpr double kLeastScale = 1e-3;
constexpr double kTinyVariance = 1e-12;  // keeps the root's gradient finite where members agree

// (x + sqrt(x^2 + 1)) / 2, with its derivative y / sqrt(x^2 + 1) in one pass.
struct Activation : torch::autograd::Function<Activation> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x) {
    const Tensor root = (x * x).add_(1.0).sqrt_();
    const Tensor y = (x + root).mul_(0.5);
    context->save_for_backward({y, root});
    return y;
  }
  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list grad) {
    const auto saved = context->get_saved_variables();
    return {(grad[0] * saved[0]).div_(saved[1])};
  }
};

Tensor activation(const Tensor& x) {
  return Activation::apply(x);
}

// All members see the same inputs [B,F]: one product with their weights side by side. [M,B,H]
Tensor first_layer(const EnsembleWeights& weights, const Tensor& inputs) {
  const Tensor& w = weights.tensors[0];
  const std::int64_t members = w.size(0);
  const std::int64_t hidden = w.size(2);
  const Tensor side_by_side = w.permute({1, 0, 2}).reshape({w.size(1), members * hidden});
  const Tensor bias = weights.tensors[1].reshape({members * hidden});
  return torch::addmm(bias, inputs, side_by_side)
      .view({inputs.size(0), members, hidden})
      .permute({1, 0, 2});
}

// [M,B] outputs, standardised target.
Tensor forward(const EnsembleWeights& weights, const Tensor& inputs) {
  const auto& w = weights.tensors;
  const Tensor first = activation(inputs.dim() == 3 ? torch::baddbmm(w[1], inputs, w[0])
                                                    : first_layer(weights, inputs));
  const Tensor second = activation(torch::baddbmm(w[3], first, w[2]));
  return torch::baddbmm(w[5], second, w[4]).squeeze(2);
}

Tensor standardised(const FeatureScale& scale, const Tensor& features) {
  const Tensor clipped = torch::minimum(torch::maximum(features, scale.low), scale.high);
  return ((clipped - scale.mean) / scale.scale).clamp(-kClip, kClip);
}

std::vector<double> plain(const Tensor& tensor) {
  const Tensor flat = tensor.to(torch::kFloat64).contiguous().view({-1});
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

double value_below(const Tensor& values, double share) {
  return values.quantile(share).item<double>();
}

}  // namespace

FeatureScale fit_scale(const Tensor& features) {
  constexpr double kTail = 0.01;
  FeatureScale scale;
  scale.low = features.quantile(kTail, 0);
  scale.high = features.quantile(1.0 - kTail, 0);
  const Tensor clipped = torch::minimum(torch::maximum(features, scale.low), scale.high);
  scale.mean = clipped.mean(0);
  const Tensor spread = clipped.std(0);
  scale.scale = torch::where(spread > kLeastScale, spread, torch::ones_like(spread));
  return scale;
}

ScalarScale::ScalarScale(const FeatureScale& scale)
    : low_(plain(scale.low)),
      high_(plain(scale.high)),
      mean_(plain(scale.mean)),
      inverse_scale_(plain(1.0 / scale.scale)) {}

double ScalarScale::distance(const std::vector<double>& features) const {
  double sum = 0.0;
  for (std::size_t f = 0; f < features.size(); ++f) {
    const double clipped = std::clamp(features[f], low_[f], high_[f]);
    sum += std::abs(features[f] - clipped) * inverse_scale_[f];
  }
  return sum;
}

double ScalarScale::standardised(double feature, std::size_t f) const {
  const double clipped = std::clamp(feature, low_[f], high_[f]);
  return std::clamp((clipped - mean_[f]) * inverse_scale_[f], -kClip, kClip);
}

Ensemble::Ensemble(FeatureScale scale,
                   EnsembleWeights weights,
                   double target_mean,
                   double target_scale)
    : scale_(std::move(scale)),
      weights_(std::move(weights)),
      target_mean_(target_mean),
      target_scale_(target_scale),
      scalar_scale_(scale_) {
  for (std::int64_t m = 0; m < weights_.tensors[0].size(0); ++m) {
    const auto& w = weights_.tensors;
    Member member;
    member.w1 = plain(w[0][m]);
    member.b1 = plain(w[1][m]);
    member.w2 = plain(w[2][m]);
    member.b2 = plain(w[3][m]);
    member.w3 = plain(w[4][m]);
    member.b3 = w[5][m].item<double>();
    members_.push_back(std::move(member));
  }
}

EnsembleEstimate Ensemble::estimate(const Tensor& features) const {
  const Tensor outputs = forward(weights_, standardised(scale_, features));
  const Tensor beyond =
      (torch::relu(scale_.low - features) + torch::relu(features - scale_.high)) / scale_.scale;
  EnsembleEstimate estimate;
  estimate.mean = target_mean_ + target_scale_ * outputs.mean(0);
  estimate.std = target_scale_ * (outputs.var(0) + kTinyVariance).sqrt();
  estimate.distance = beyond.sum(1);
  return estimate;
}

namespace {

double activation(double x) {
  return 0.5 * (x + std::sqrt(x * x + 1.0));
}

// out += weights^T x, rows of `weights` are inputs.
void accumulate(const std::vector<double>& weights,
                const std::vector<double>& x,
                std::vector<double>& out) {
  const std::size_t width = out.size();
  const double* row = weights.data();
  for (double value : x) {
    for (std::size_t j = 0; j < width; ++j) out[j] += value * row[j];
    row += width;
  }
}

}  // namespace

double Ensemble::run(const Member& member, const std::vector<double>& x) const {
  std::vector<double> first = member.b1;
  accumulate(member.w1, x, first);
  for (double& value : first) value = activation(value);
  std::vector<double> second = member.b2;
  accumulate(member.w2, first, second);
  double out = member.b3;
  for (std::size_t j = 0; j < second.size(); ++j) out += member.w3[j] * activation(second[j]);
  return out;
}

ScalarEstimate Ensemble::estimate(const std::vector<double>& features) const {
  std::vector<double> x(features.size());
  for (std::size_t f = 0; f < x.size(); ++f) x[f] = scalar_scale_.standardised(features[f], f);
  std::vector<double> outputs;
  for (const Member& member : members_) outputs.push_back(run(member, x));
  const auto count = static_cast<double>(outputs.size());
  double mean = 0.0;
  for (double y : outputs) mean += y / count;
  double variance = 0.0;
  for (double y : outputs) variance += (y - mean) * (y - mean) / (count - 1.0);
  ScalarEstimate estimate;
  estimate.mean = target_mean_ + target_scale_ * mean;
  estimate.std = target_scale_ * std::sqrt(variance + kTinyVariance);
  estimate.distance = scalar_scale_.distance(features);
  return estimate;
}

namespace {

// Glorot-uniform layers; the last one is zero, so that training starts from the base.
EnsembleWeights initial_weights(std::int64_t features,
                                const EnsembleOptions& options,
                                at::Generator& generator) {
  const std::int64_t members = options.members;
  const std::int64_t hidden = options.hidden;
  const auto real = torch::TensorOptions(torch::kFloat32);
  const auto layer = [&](std::int64_t in, std::int64_t out) {
    const double bound = std::sqrt(6.0 / static_cast<double>(in + out));
    return torch::empty({members, in, out}, real).uniform_(-bound, bound, generator);
  };
  return {{layer(features, hidden),
           torch::zeros({members, 1, hidden}, real),
           layer(hidden, hidden),
           torch::zeros({members, 1, hidden}, real),
           torch::zeros({members, hidden, 1}, real),
           torch::zeros({members, 1, 1}, real)}};
}

// One cycle: up from a 25th of the peak over the first third, then down along a cosine.
double rate_at(double progress, double peak) {
  constexpr double kPi = 3.14159265358979323846;
  constexpr double kRise = 0.3;
  constexpr double kStart = 0.04;
  if (progress < kRise) {
    const double along = 0.5 * (1.0 - std::cos(kPi * progress / kRise));
    return peak * (kStart + (1.0 - kStart) * along);
  }
  return peak * 0.5 * (1.0 + std::cos(kPi * (progress - kRise) / (1.0 - kRise)));
}

}  // namespace

Ensemble train_ensemble(const Tensor& features,
                        const Tensor& target,
                        const EnsembleOptions& options,
                        const model::Monitor& monitor) {
  const torch::AutoGradMode with_gradient(true);
  const FeatureScale scale = fit_scale(features);
  const double centre = value_below(target, 0.5);
  // Interquartile range of a normal distribution of deviation 1.
  constexpr double kQuartiles = 1.349;
  const double spread =
      std::max(kLeastScale, (value_below(target, 0.75) - value_below(target, 0.25)) / kQuartiles);
  const Tensor x = standardised(scale, features).to(torch::kFloat32);
  const Tensor y = ((target - centre) / spread).to(torch::kFloat32);

  at::Generator generator = at::detail::createCPUGenerator(model::seed_of_32_bits(options.seed));
  EnsembleWeights weights = initial_weights(x.size(1), options, generator);
  for (Tensor& tensor : weights.tensors) tensor.requires_grad_();
  torch::optim::AdamW optimizer(
      weights.tensors,
      torch::optim::AdamWOptions(options.peak_rate).weight_decay(options.weight_decay));

  const std::int64_t rows = x.size(0);
  const std::int64_t members = weights.tensors[0].size(0);
  const std::int64_t batch = std::min<std::int64_t>(options.batch, rows);
  const std::int64_t steps_per_epoch = (rows + batch - 1) / batch;
  const std::int64_t epochs =
      std::clamp<std::int64_t>(options.most_steps / steps_per_epoch, 1, options.epochs);
  const double steps = static_cast<double>(steps_per_epoch * epochs);
  std::int64_t step = 0;
  for (std::int64_t epoch = 0; epoch < epochs; ++epoch) {
    // Every member sees the rows in an order of its own.
    const Tensor order =
        torch::rand({members, rows}, generator, torch::TensorOptions(torch::kFloat64))
            .argsort(std::int64_t{1});
    for (std::int64_t first = 0; first < rows; first += batch, ++step) {
      monitor.throw_if_stopped();
      const std::int64_t count = std::min(batch, rows - first);
      const Tensor chosen = order.narrow(1, first, count);
      const Tensor flat = chosen.reshape({-1});
      const Tensor inputs = x.index_select(0, flat).view({members, count, -1});
      const Tensor wanted = y.index_select(0, flat).view({members, count});
      const Tensor errors =
          torch::huber_loss(forward(weights, inputs), wanted, at::Reduction::None, options.huber);
      const Tensor loss = errors.mean(1).sum();
      optimizer.zero_grad();
      loss.backward();
      static_cast<torch::optim::AdamWOptions&>(optimizer.param_groups()[0].options())
          .lr(rate_at(static_cast<double>(step) / steps, options.peak_rate));
      optimizer.step();
    }
  }
  EnsembleWeights trained;
  for (const Tensor& tensor : weights.tensors)
    trained.tensors.push_back(tensor.detach().to(torch::kFloat64));
  return {scale, std::move(trained), centre, spread};
}

}  // namespace masala::learned
