#include "kernels/pipeline/double_network.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/op/parallel_for.h"
#include "kernels/op/unchecked.h"

namespace kernelgate::pipeline {
namespace {

constexpr std::int64_t lanes =
    8;  // output channels that are summed together: independent sums, for the compiler's vectors

/// As [K/lanes][R*S][C][lanes], with zeros behind the last channel.
std::vector<double> filters_by_lanes(const Conv2d::Problem& p, const f16* w) {
  const std::int64_t taps = p.r * p.s, tiles = (p.k + lanes - 1) / lanes;
  std::vector<double> filters(static_cast<std::size_t>(tiles * taps * p.c * lanes));
  for (std::int64_t k = 0; k < p.k; ++k)
    for (std::int64_t tap = 0; tap < taps; ++tap)
      for (std::int64_t c = 0; c < p.c; ++c) {
        const f16 value = p.transposed ? w[(c * taps + tap) * p.k + k] : w[(k * taps + tap) * p.c + c];
        filters[static_cast<std::size_t>(((k / lanes * taps + tap) * p.c + c) * lanes + k % lanes)] = to_float(value);
      }
  return filters;
}

/// A tap that lies on the input, and where.
struct Meeting {
  const double* input;
  std::int64_t tap;
};

/// The row (or column) of the input that filter row `tap` meets at output row `at`; -1: none.
std::int64_t met(bool transposed, std::int64_t at, std::int64_t tap, std::int64_t stride, std::int64_t pad,
                 std::int64_t size) {
  std::int64_t from = at * stride - pad + tap;
  if (transposed) {
    if ((at + pad - tap) % stride != 0) return -1;
    from = (at + pad - tap) / stride;
  }
  return from >= 0 && from < size ? from : -1;
}

std::vector<Meeting> meetings(const Conv2d::Problem& p, const double* x, std::int64_t out_p, std::int64_t out_q) {
  std::vector<Meeting> found;
  for (std::int64_t r = 0; r < p.r; ++r) {
    const std::int64_t h = met(p.transposed, out_p, r, p.stride_h, p.pad_h, p.h);
    for (std::int64_t s = 0; s < p.s && h >= 0; ++s)
      if (const std::int64_t w = met(p.transposed, out_q, s, p.stride_w, p.pad_w, p.w); w >= 0)
        found.push_back({x + (h * p.w + w) * p.c, r * p.s + s});
  }
  return found;
}

using Sums = std::array<double, lanes>;

KERNELGATE_UNCHECKED void add_products(Sums& sums, const double* x, const double* w, std::int64_t count) {
  for (std::int64_t c = 0; c < count; ++c)
    for (std::size_t lane = 0; lane < lanes; ++lane)
      sums[lane] += x[c] * w[c * lanes + static_cast<std::int64_t>(lane)];
}

std::vector<double> joined(const DoubleMap& input, const DoubleMap& skip) {
  std::vector<double> values;
  values.reserve(input.values.size() + skip.values.size());
  const std::int64_t a = input.shape.c, b = skip.shape.c;
  for (std::int64_t pixel = 0; pixel < input.shape.h * input.shape.w; ++pixel) {
    values.insert(values.end(), input.values.begin() + pixel * a, input.values.begin() + (pixel + 1) * a);
    values.insert(values.end(), skip.values.begin() + pixel * b, skip.values.begin() + (pixel + 1) * b);
  }
  return values;
}

double activated(Conv2d::Activation activation, double value) {
  if (activation == Conv2d::Activation::sigmoid) return 1 / (1 + std::exp(-value));
  return activation == Conv2d::Activation::relu ? std::max(value, 0.0) : value;
}

}  // namespace

double f16_ulp(double magnitude) {
  const int exponent = magnitude > 0 ? std::ilogb(magnitude) : -14;
  return std::ldexp(1.0, std::clamp(exponent, -14, 15) - 10);
}

void round_to_f16(std::vector<double>& values) {
  for (double& value : values) value = to_float(to_f16(static_cast<float>(value)));
}

DoubleMap convolve(const Layer& layer, const DoubleMap& input, const DoubleMap* skip, const f16* weights,
                   MapsAre maps) {
  const Conv2d::Problem& p = layer.problem;
  const f16* const w = weights + layer.weights;
  const std::vector<double> both = skip == nullptr ? std::vector<double>() : joined(input, *skip);
  const std::vector<double>& x = skip == nullptr ? input.values : both;
  const std::vector<double> filters = filters_by_lanes(p, w);
  const std::int64_t tiles = (p.k + lanes - 1) / lanes, taps = p.r * p.s;
  DoubleMap y{{p.p(), p.q(), p.k}, std::vector<double>(static_cast<std::size_t>(p.p() * p.q() * p.k))};

  const auto compute = [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t item = begin; item < end; ++item) {
      const std::int64_t tile = item / p.p(), row = item % p.p();  // neighbours share their filters
      for (std::int64_t column = 0; column < p.q(); ++column) {
        Sums sums{};
        for (const Meeting& meeting : meetings(p, x.data(), row, column))
          add_products(sums, meeting.input, filters.data() + (tile * taps + meeting.tap) * p.c * lanes, p.c);
        for (std::int64_t k = tile * lanes; k < std::min((tile + 1) * lanes, p.k); ++k) {
          const auto at = static_cast<std::size_t>((row * p.q() + column) * p.k + k);
          double sum = sums[static_cast<std::size_t>(k % lanes)] + to_float(weights[layer.bias + k]);
          if (p.residual) sum += x[at];
          y.values[at] = activated(p.activation, sum);
        }
      }
    }
  };
  constexpr std::int64_t worth_a_thread = 1'000'000;  // products
  const std::int64_t of_an_item = p.q() * taps * p.c * lanes;
  parallel_for(tiles * p.p(), std::max<std::int64_t>(worth_a_thread / of_an_item, 1), compute);

  if (maps == MapsAre::rounded) round_to_f16(y.values);
  return y;
}

}  // namespace kernelgate::pipeline
