#include "harness/judge/compare/block_noise.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

/// Of so many medians their variance is better known than by chance.
constexpr std::size_t fewest_blocks = 6;

SampleVariance variance_of_blocks(std::span<const double> known, std::size_t length) {
  if (known.size() < fewest_blocks * length) length = 1;
  double sum = 0, squares = 0, count = 0;
  for (std::size_t first = 0; first + length <= known.size(); first += length, ++count) {
    const double middle = median(known.subspan(first, length));
    sum += middle;
    squares += middle * middle;
  }
  if (count < 2) return {};
  return {std::max(0.0, (squares - sum * sum / count) / (count - 1)), count - 1};
}

}  // namespace

BlockNoise noise_of_blocks(std::span<const double> residuals, std::size_t length) {
  std::vector<double> all;
  for (double r : residuals)
    if (std::isfinite(r)) all.push_back(r);
  const std::span<const double> known(all);
  BlockNoise noise{variance_of_blocks(known, length), {}, {}};
  for (std::size_t first = 0; first + length <= known.size(); ++first) {
    const auto block = known.subspan(first, length);
    const double middle = median(block);
    noise.medians = {std::min(noise.medians.lowest, middle), std::max(noise.medians.highest, middle)};
    const auto [low, high] = std::ranges::minmax(block);
    noise.all = {std::min(noise.all.lowest, high), std::max(noise.all.highest, low)};
  }
  if (!known.empty()) noise.latest = median(known.last(std::min(length, known.size())));
  return noise;
}

}  // namespace kernelgate
