// The contract of pipeline but for the reference: names, sizes, inputs.

#include "kernels/pipeline/pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "kernels/op/random.h"
#include "kernels/pipeline/network.h"

namespace kernelgate {
namespace {

using pipeline::Layer;
using pipeline::Network;

/// Taps of the filter that an output meets, in the mean: transposed, most meet none of an inserted zero.
double taps_met(const Conv2d::Problem& p) {
  const auto taps = static_cast<double>(p.r * p.s);
  if (!p.transposed) return taps;
  return taps * static_cast<double>(p.h * p.w) / static_cast<double>(p.p() * p.q());
}

/// What keeps activations of one size from layer to layer. Conv2d::fill draws He's weights, which count all taps.
double gain_of(const Layer& layer) {
  const Conv2d::Problem& p = layer.problem;
  if (p.activation == Conv2d::Activation::sigmoid) return 0.7;  // no ReLU; most of what leaves it is within 0.1 .. 0.9
  if (p.residual) return 0.35;                                  // what it is added to stays most of the sum
  return std::sqrt(static_cast<double>(p.r * p.s) / taps_met(p));
}

/// What batch normalisation does to a channel once it is trained: y = (x - mean) * scale + shift.
struct Normalisation {
  float scale, mean, shift;
};

Normalisation draw_normalisation(Random& random) {
  const double gamma = 1 + 0.1 * random.normal(), variance = 0.8 + 0.4 * random.uniform();
  constexpr double epsilon = 1e-5;  // PyTorch's
  return {static_cast<float>(gamma / std::sqrt(variance + epsilon)), static_cast<float>(0.1 * random.normal()),
          static_cast<float>(0.1 * random.normal())};
}

void scale(f16* values, std::int64_t count, std::int64_t step, float by) {
  for (std::int64_t i = 0; i < count; ++i) values[i * step] = to_f16(to_float(values[i * step]) * by);
}

/// Draws a layer's weights and bias, and folds its normalisation into them: w' = w * scale, b' = (b - mean) * scale +
/// shift.
void fill_layer(const Layer& layer, std::uint64_t seed, f16* weights) {
  Conv2d::Problem p = layer.problem;
  p.n = 0;  // no image
  p.residual = false;
  f16 *const w = weights + layer.weights, *const bias = weights + layer.bias;
  const std::array<void*, 5> pointers{nullptr, w, bias, nullptr, nullptr};
  Conv2d::fill(p, seed, pointers);
  Random random(seed ^ 0x6e6f726d);
  const bool normalised = p.activation != Conv2d::Activation::sigmoid;
  const auto gain = static_cast<float>(gain_of(layer));
  for (std::int64_t k = 0; k < p.k; ++k) {
    const Normalisation n = normalised ? draw_normalisation(random) : Normalisation{1, 0, 0};
    const std::int64_t of_one = p.w_count() / p.k;
    if (p.transposed)
      scale(w + k, of_one, p.k, gain * n.scale);
    else
      scale(w + k * of_one, of_one, 1, gain * n.scale);
    // Conv2d::fill's biases have a deviation of 0.5, which would drown what a small map says.
    bias[k] = to_f16((0.2f * to_float(bias[k]) - n.mean) * n.scale + n.shift);
  }
}

}  // namespace

Mel::Problem mel_of(const Pipeline::Problem& problem) {
  Mel::Problem mel{.preset = mel_preset("wav2lip80"), .samples = problem.samples()};
  mel.output = Type::f16;
  return mel;
}

std::string Pipeline::problem_name(const Problem& problem) {
  std::string text = fmt::format("wav2lip/n:{}", problem.n);
  if (problem.levels != Problem().levels) text += fmt::format("_pixels:{}", problem.pixels());
  if (problem.narrow != 1) text += fmt::format("_narrow:{}", problem.narrow);
  return text;
}

void Pipeline::validate(const Problem& problem) {
  if (problem.n < 1 || problem.n > 1 << 16) throw InvalidProblem("pipeline: n must be 1 to 65536 frames");
  if (problem.levels < 1 || problem.levels > 11)
    throw InvalidProblem("pipeline: levels must be 1 to 11, for pictures of 6 to 6144 pixels");
  if (problem.narrow < 1 || problem.narrow > 512) throw InvalidProblem("pipeline: narrow must be 1 to 512");
}

Work Pipeline::work(const Problem& problem) {
  const Network network = pipeline::network_of(problem);
  Work work = Mel::work(mel_of(problem));
  work.flop += pipeline::flop_of(network) * static_cast<double>(problem.n);
  work.bytes = static_cast<double>(size_of(output(problem).type)) * static_cast<double>(output(problem).count);
  for (const TensorSpec& tensor : inputs(problem))
    work.bytes += static_cast<double>(size_of(tensor.type)) * static_cast<double>(tensor.count);
  return work;
}

std::vector<TensorSpec> Pipeline::inputs(const Problem& problem) {
  return {{"audio", Type::f32, problem.samples()},
          {"faces", Type::f16, problem.face_count()},
          {"weights", Type::f16, pipeline::network_of(problem).weight_count, true}};
}

TensorSpec Pipeline::output(const Problem& problem) {
  return {"frames", Type::f16, problem.n * problem.frame_outputs()};
}

void Pipeline::fill(const Problem& problem, std::uint64_t seed, std::span<void* const> inputs) {
  Random seeds(seed);
  Mel::fill(mel_of(problem), seeds.bits(), inputs.first(1));
  // A picture, and the same face with nothing below its middle, which the network is to make.
  auto* const faces = static_cast<f16*>(inputs[1]);
  Random pictures(seeds.bits());
  const std::int64_t pixels = problem.pixels();
  for (std::int64_t i = 0; i < problem.face_count(); ++i) {
    const bool masked = i % 6 < 3 && i / 6 / pixels % pixels >= pixels / 2;
    faces[i] = masked ? f16{} : to_f16(static_cast<float>(pictures.below(256)) / 255.0f);
  }
  const Network network = pipeline::network_of(problem);
  auto* const weights = static_cast<f16*>(inputs[2]);
  std::fill_n(weights, network.weight_count, f16{});
  for (const Layer& layer : network.layers) fill_layer(layer, seeds.bits(), weights);
}

Pipeline::Buffers Pipeline::bind(const Problem&, std::span<void* const> pointers) {
  return {static_cast<const float*>(pointers[0]), static_cast<const f16*>(pointers[1]),
          static_cast<const f16*>(pointers[2]), static_cast<f16*>(pointers[3])};
}

std::vector<std::int64_t> Pipeline::check_indices(const Problem& problem, double flop_budget, std::uint64_t seed) {
  const double of_one = pipeline::flop_of(pipeline::network_of(problem));
  const auto affordable = static_cast<std::int64_t>(std::min(flop_budget / of_one, 1e6));
  std::vector<std::int64_t> frames(static_cast<std::size_t>(problem.n));
  std::iota(frames.begin(), frames.end(), std::int64_t{0});
  Random random(seed);
  while (std::ssize(frames) > std::max<std::int64_t>(affordable, 1))
    frames.erase(frames.begin() + static_cast<std::ptrdiff_t>(random.below(frames.size())));
  std::vector<std::int64_t> indices;
  for (const std::int64_t frame : frames)
    for (std::int64_t i = 0; i < problem.frame_outputs(); ++i) indices.push_back(frame * problem.frame_outputs() + i);
  return indices;
}

}  // namespace kernelgate
