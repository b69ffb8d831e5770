// The trusted frames: the network in double, frame by frame, and beside it once more with rounded maps.

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "kernels/op/random.h"
#include "kernels/pipeline/double_network.h"

namespace kernelgate {
namespace {

using namespace pipeline;

constexpr double deviations = 12;

double sigmoid(double value) { return 1 / (1 + std::exp(-value)); }

/// What a frame hears; where maps are rounded, each feature as far off as mel's bound allows, this way or that, and
/// rounded.
DoubleMap heard(const Pipeline::Problem& problem, const Pipeline::Buffers& buffers, std::int64_t frame, MapsAre maps) {
  const Mel::Problem mel = mel_of(problem);
  std::vector<std::int64_t> indices;
  for (std::int64_t band = 0; band < mel.preset.n_mels; ++band)
    for (std::int64_t column = 0; column < Pipeline::window; ++column)
      indices.push_back(band * problem.columns() + problem.first_column(frame) + column);
  std::vector<Expected> features(indices.size());
  Mel::reference(mel, {buffers.audio, nullptr}, indices, features);
  DoubleMap map{{mel.preset.n_mels, Pipeline::window, 1}, {}};
  Random random(1);
  for (const Expected& feature : features) {
    const double off = maps == MapsAre::rounded ? (random.below(2) == 0 ? feature.bound : -feature.bound) : 0;
    map.values.push_back(std::clamp(feature.value + off, mel.preset.lowest, mel.preset.highest));
  }
  if (maps == MapsAre::rounded) round_to_f16(map.values);
  return map;
}

DoubleMap seen(const Pipeline::Problem& problem, const Pipeline::Buffers& buffers, std::int64_t frame) {
  DoubleMap map{{problem.pixels(), problem.pixels(), 6}, {}};
  for (std::int64_t i = 0; i < map.shape.count(); ++i)
    map.values.push_back(to_float(buffers.faces[frame * map.shape.count() + i]));
  return map;
}

/// What the sigmoid is given.
DoubleMap frame_of(const Network& network, const Pipeline::Problem& problem, const Pipeline::Buffers& buffers,
                   std::int64_t frame, MapsAre maps_are) {
  std::vector<std::optional<DoubleMap>> maps(network.maps.size());
  maps[Network::faces] = seen(problem, buffers, frame);
  maps[Network::windows] = heard(problem, buffers, frame, maps_are);
  const auto at = [&](int map) -> DoubleMap& { return *maps[static_cast<std::size_t>(map)]; };
  for (Layer layer : network.layers) {
    const bool last = layer.output == network.frames();
    if (last) layer.problem.activation = Conv2d::Activation::none;
    maps[static_cast<std::size_t>(layer.output)] =
        convolve(layer, at(layer.input), layer.skip < 0 ? nullptr : &at(layer.skip), buffers.weights,
                 last ? MapsAre::exact : maps_are);
  }
  return std::move(at(network.frames()));
}

/// A frame before its sigmoid, and by channel how far rounded maps move it: the root of the mean square.
struct TrustedFrame {
  DoubleMap exact;
  std::array<double, 3> moved{};
};

TrustedFrame trusted_frame(const Network& network, const Pipeline::Problem& problem, const Pipeline::Buffers& buffers,
                           std::int64_t frame) {
  TrustedFrame trusted{frame_of(network, problem, buffers, frame, MapsAre::exact)};
  const DoubleMap rounded = frame_of(network, problem, buffers, frame, MapsAre::rounded);
  const std::size_t count = rounded.values.size(), of_a_channel = count / 3;
  for (std::size_t i = 0; i < count; ++i) {
    const double off = rounded.values[i] - trusted.exact.values[i];
    trusted.moved[i % 3] += off * off;
  }
  for (double& moved : trusted.moved) moved = std::sqrt(moved / static_cast<double>(of_a_channel));
  return trusted;
}

}  // namespace

void Pipeline::reference(const Problem& problem, const Buffers& buffers, std::span<const std::int64_t> indices,
                         std::span<Expected> expected) {
  Problem one = problem;
  one.n = 1;
  const Network network = network_of(one);
  const std::int64_t of_a_frame = problem.frame_outputs();
  std::int64_t frame = -1;  // indices come sorted
  TrustedFrame trusted;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    if (indices[i] / of_a_frame != frame) {
      frame = indices[i] / of_a_frame;
      trusted = trusted_frame(network, problem, buffers, frame);
    }
    const double given = trusted.exact.values[static_cast<std::size_t>(indices[i] % of_a_frame)];
    const double off = deviations * trusted.moved[static_cast<std::size_t>(indices[i] % 3)];
    const double value = sigmoid(given), steepest = sigmoid(std::max(std::abs(given) - off, 0.0));
    const double moved = off * steepest * (1 - steepest) + 0x1p-21;
    expected[i] = {value, moved + 1.01 * 0.5 * f16_ulp(value + moved) + 0x1p-25};
  }
}

}  // namespace kernelgate
