// The trusted convolution: a dot product in double of the patch under each output with its filter.

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "kernels/conv2d/conv2d.h"
#include "kernels/op/parallel_for.h"

namespace kernelgate {
namespace {

using Problem = Conv2d::Problem;

/// The input row (or column) that filter row `tap` reads for output row `at`, or -1 for padding. Transposed,
/// also -1 between the inputs, where the stride puts none.
std::int64_t source(bool transposed, std::int64_t at, std::int64_t tap, std::int64_t stride, std::int64_t pad,
                    std::int64_t dilation, std::int64_t size) {
  std::int64_t from;
  if (transposed) {
    const std::int64_t scaled = at + pad - tap * dilation;
    if (scaled % stride != 0) return -1;
    from = scaled / stride;
  } else {
    from = at * stride - pad + tap * dilation;
  }
  return from < 0 || from >= size ? -1 : from;
}

/// The filters as floats in the order [K][R][S][C/groups], so that an output is one dot product: those that the outputs
/// need, since a look at a few outputs needs a few of a million weights.
std::vector<float> filters_by_output(const Problem& problem, const f16* w, std::span<const std::int64_t> outputs) {
  const std::int64_t taps = problem.r * problem.s, cg = problem.c_per_group(), kg = problem.k_per_group();
  std::vector<char> needed(static_cast<std::size_t>(problem.k));
  for (const std::int64_t output : outputs) needed[static_cast<std::size_t>(output % problem.k)] = 1;
  std::vector<float> filters(static_cast<std::size_t>(problem.w_count()));
  for (std::int64_t k = 0; k < problem.k; ++k) {
    if (needed[static_cast<std::size_t>(k)] == 0) continue;
    float* const filter = filters.data() + k * taps * cg;
    if (!problem.transposed) {
      to_float(w + k * taps * cg, filter, static_cast<std::size_t>(taps * cg));
      continue;
    }
    const f16* const column = w + k / kg * cg * taps * kg + k % kg;
    for (std::int64_t c = 0; c < cg; ++c)
      for (std::int64_t tap = 0; tap < taps; ++tap) filter[tap * cg + c] = to_float(column[(c * taps + tap) * kg]);
  }
  return filters;
}

/// The inputs under output pixel `pixel`, of one group, as [R][S][C/groups]; padding is zero.
void gather_patch(const Problem& problem, const Conv2d::Buffers& buffers, std::int64_t pixel, std::int64_t group,
                  std::vector<float>& patch) {
  const std::int64_t q = pixel % problem.q(), p = pixel / problem.q() % problem.p(),
                     n = pixel / problem.q() / problem.p();
  const std::int64_t cg = problem.c_per_group();
  std::ranges::fill(patch, 0.0f);
  for (std::int64_t r = 0; r < problem.r; ++r) {
    const std::int64_t h =
        source(problem.transposed, p, r, problem.stride_h, problem.pad_h, problem.dilation_h, problem.h);
    for (std::int64_t s = 0; s < problem.s && h >= 0; ++s) {
      const std::int64_t w =
          source(problem.transposed, q, s, problem.stride_w, problem.pad_w, problem.dilation_w, problem.w);
      if (w < 0) continue;
      const std::int64_t from = (n * problem.h + h) * problem.w + w, of_x = cg - problem.skip_c;
      float* const to = patch.data() + (r * problem.s + s) * cg;
      to_float(buffers.x + from * problem.x_c() + group * cg, to, static_cast<std::size_t>(of_x));
      if (problem.skip_c > 0)
        to_float(buffers.skip + from * problem.skip_c, to + of_x, static_cast<std::size_t>(problem.skip_c));
    }
  }
}

struct Dot {
  double sum = 0;
  double magnitude = 0;  // the sum of |x * w|
};

Dot dot(const float* a, const float* b, std::size_t count) {
  constexpr std::size_t lanes = 8;  // independent sums, for the compiler to vectorise
  std::array<double, lanes> sum{}, magnitude{};
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes)
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const double product = static_cast<double>(a[i + lane]) * static_cast<double>(b[i + lane]);
      sum[lane] += product;
      magnitude[lane] += std::abs(product);
    }
  Dot total;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    total.sum += sum[lane];
    total.magnitude += magnitude[lane];
  }
  for (; i < count; ++i) {
    const double product = static_cast<double>(a[i]) * static_cast<double>(b[i]);
    total.sum += product;
    total.magnitude += std::abs(product);
  }
  return total;
}

/// The distance between neighbouring f16 values at `magnitude`.
double f16_ulp(double magnitude) {
  const int exponent = magnitude > 0 ? std::ilogb(magnitude) : -14;
  return std::ldexp(1.0, std::clamp(exponent, -14, 15) - 10);
}

Expected finish(const Problem& problem, const Conv2d::Buffers& buffers, std::int64_t index, Dot dot) {
  if (problem.bias) {
    const double bias = to_float(buffers.bias[index % problem.k]);
    dot.sum += bias;
    dot.magnitude += std::abs(bias);
  }
  if (problem.residual) {
    const double residual = to_float(buffers.residual[index]);
    dot.sum += residual;
    dot.magnitude += std::abs(residual);
  }
  const double partial_sums = static_cast<double>(problem.c_per_group() * problem.r * problem.s) / 8 + 16;
  double accumulation = 0x1p-24 * partial_sums * dot.magnitude;
  switch (problem.activation) {
    case Conv2d::Activation::none:
      break;
    case Conv2d::Activation::relu:
      if (dot.sum < 0) dot.sum = 0;  // a NaN is not below 0, and stays
      break;
    case Conv2d::Activation::gelu:
      accumulation = 1.13 * accumulation + 0x1p-21 * std::max(std::abs(dot.sum), 1.0);
      dot.sum *= 0.5 * (1 + std::erf(dot.sum / std::numbers::sqrt2));
      break;
    case Conv2d::Activation::sigmoid:
      accumulation = 0.25 * accumulation + 0x1p-21;
      dot.sum = 1 / (1 + std::exp(-dot.sum));
      break;
  }
  const double rounding = 1.01 * 0.5 * f16_ulp(std::abs(dot.sum) + accumulation);
  return {dot.sum, accumulation + rounding + 0x1p-25};
}

}  // namespace

void Conv2d::reference(const Problem& problem, const Buffers& buffers, std::span<const std::int64_t> indices,
                       std::span<Expected> expected) {
  if (indices.empty()) return;
  const auto length = static_cast<std::size_t>(problem.c_per_group() * problem.r * problem.s);
  const std::vector<float> filters = filters_by_output(problem, buffers.w, indices);

  const auto compute = [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> patch(length);
    std::int64_t patch_pixel = -1, patch_group = -1;  // indices come sorted: neighbours share a patch
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      const std::int64_t pixel = indices[i] / problem.k, out_channel = indices[i] % problem.k;
      const std::int64_t group = out_channel / problem.k_per_group();
      if (pixel != patch_pixel || group != patch_group) gather_patch(problem, buffers, pixel, group, patch);
      patch_pixel = pixel;
      patch_group = group;
      const float* filter = filters.data() + static_cast<std::size_t>(out_channel) * length;
      expected[i] = finish(problem, buffers, indices[i], dot(patch.data(), filter, length));
    }
  };
  constexpr std::int64_t worth_a_thread = 4'000'000;  // products
  parallel_for(std::ssize(indices), worth_a_thread / static_cast<std::int64_t>(length), compute);
}

}  // namespace kernelgate
