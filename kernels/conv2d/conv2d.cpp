// The contract of conv2d but for the reference: sizes, names, validation, inputs.

#include "kernels/conv2d/conv2d.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/op/random.h"

namespace kernelgate {
namespace {

using Problem = Conv2d::Problem;

std::int64_t output_size(const Problem& problem, std::int64_t size, std::int64_t kernel, std::int64_t stride,
                         std::int64_t pad, std::int64_t dilation, std::int64_t output_padding) {
  const std::int64_t extent = dilation * (kernel - 1) + 1;
  if (problem.transposed) return (size - 1) * stride - 2 * pad + extent + output_padding;
  const std::int64_t room = size + 2 * pad - extent;
  return room < 0 ? 0 : room / stride + 1;
}

void require(bool condition, const Problem& problem, const char* what) {
  if (!condition) throw InvalidProblem(fmt::format("conv2d/{}: {}", Conv2d::problem_name(problem), what));
}

/// The normal distribution as a table, drawn from once: a draw is then 16 random bits, not a logarithm
/// and a cosine, so that inputs of hundreds of megabytes take less than a second.
const std::vector<float>& normals() {
  static const std::vector<float> table = [] {
    std::vector<float> values(1 << 16);
    Random random(0x6e6f726d616c73);
    for (float& value : values) value = static_cast<float>(random.normal());
    return values;
  }();
  return table;
}

void fill_normal(f16* to, std::int64_t count, float deviation, Random random) {
  const std::vector<float>& table = normals();
  std::array<float, 4096> chunk;
  for (std::int64_t done = 0; done < count;) {
    const std::int64_t now = std::min<std::int64_t>(count - done, std::ssize(chunk));
    for (std::int64_t i = 0; i < now; i += 4) {
      std::uint64_t bits = random.bits();
      for (std::int64_t j = i; j < i + 4; ++j, bits >>= 16)  // chunk's size is a multiple of 4
        chunk[static_cast<std::size_t>(j)] = table[bits & 0xffff] * deviation;
    }
    to_f16(chunk.data(), to + done, static_cast<std::size_t>(now));
    done += now;
  }
}

}  // namespace

std::int64_t Conv2d::Problem::p() const {
  return output_size(*this, h, r, stride_h, pad_h, dilation_h, output_padding_h);
}

std::int64_t Conv2d::Problem::q() const {
  return output_size(*this, w, s, stride_w, pad_w, dilation_w, output_padding_w);
}

std::string Conv2d::problem_name(const Problem& problem) {
  std::string text = problem.transposed ? "f16t" : "f16";
  if (problem.bias) text += "_bias";
  if (problem.residual) text += "_res";
  if (problem.activation == Conv2d::Activation::relu) text += "_relu";
  if (problem.activation == Conv2d::Activation::gelu) text += "_gelu";
  if (problem.activation == Conv2d::Activation::sigmoid) text += "_sigmoid";
  text += fmt::format("/n{}x{}x{}x{}_k{}_{}x{}", problem.n, problem.h, problem.w, problem.c, problem.k, problem.r,
                      problem.s);
  const auto pair = [&text](const char* letter, std::int64_t high, std::int64_t wide, std::int64_t usual) {
    if (high == wide && high == usual) return;
    text += high == wide ? fmt::format("_{}{}", letter, high) : fmt::format("_{}{}x{}", letter, high, wide);
  };
  pair("s", problem.stride_h, problem.stride_w, 1);
  pair("p", problem.pad_h, problem.pad_w, 0);
  pair("d", problem.dilation_h, problem.dilation_w, 1);
  pair("g", problem.groups, problem.groups, 1);
  pair("op", problem.output_padding_h, problem.output_padding_w, 0);
  pair("skip", problem.skip_c, problem.skip_c, 0);
  return text;
}

void Conv2d::validate(const Problem& problem) {
  const auto check = [&problem](bool condition, const char* what) { require(condition, problem, what); };
  check(problem.n >= 0 && problem.k >= 0, "N and K must not be negative");
  check(problem.h >= 1 && problem.w >= 1 && problem.c >= 1, "H, W and C must be at least 1");
  check(problem.r >= 1 && problem.s >= 1, "R and S must be at least 1");
  check(problem.stride_h >= 1 && problem.stride_w >= 1, "stride must be at least 1");
  check(problem.dilation_h >= 1 && problem.dilation_w >= 1, "dilation must be at least 1");
  check(problem.pad_h >= 0 && problem.pad_w >= 0, "padding must not be negative");
  check(problem.groups >= 1, "groups must be at least 1");
  check(problem.c % problem.groups == 0 && problem.k % problem.groups == 0, "groups must divide C and K");
  check(problem.skip_c >= 0 && problem.skip_c < problem.c, "the second input must leave the first one a channel");
  check(problem.skip_c == 0 || problem.groups == 1, "two inputs have no groups");
  check(problem.output_padding_h >= 0 && problem.output_padding_w >= 0, "output padding must not be negative");
  if (problem.transposed) {
    // With more, the forward convolution of the output would give a larger input.
    check(problem.output_padding_h < problem.stride_h && problem.output_padding_w < problem.stride_w,
          "output padding must be smaller than the stride");
  } else {
    check(problem.output_padding_h == 0 && problem.output_padding_w == 0,
          "output padding is for transposed convolution");
  }
  constexpr std::int64_t most = std::int64_t{1} << 24;  // no product of two of these comes near 2^63
  for (std::int64_t size : {problem.r, problem.s, problem.stride_h, problem.stride_w, problem.dilation_h,
                            problem.dilation_w, problem.pad_h, problem.pad_w})
    check(size <= most, "filter, stride, dilation and padding must be at most 2^24");
  constexpr std::int64_t largest = (std::int64_t{1} << 31) - 1;
  for (std::int64_t size : {problem.n, problem.h, problem.w, problem.c, problem.k})
    check(size <= largest, "every size must be below 2^31");
  check(problem.p() >= 1 && problem.q() >= 1,
        problem.transposed ? "the padding leaves no output" : "the filter is larger than the padded input");
  check(problem.p() <= largest && problem.q() <= largest, "every size of the output must be below 2^31");
  const auto product = [](auto... sizes) { return (static_cast<double>(sizes) * ...); };
  check(product(problem.n, problem.h, problem.w, problem.c) < 0x1p60 &&
            product(problem.n, problem.p(), problem.q(), problem.k) < 0x1p60 &&
            product(problem.c, problem.r, problem.s, problem.k) < 0x1p60,
        "a tensor must have less than 2^60 elements");
}

Sizes Conv2d::sizes(const Problem& p) {
  return {{"n", p.n},
          {"h", p.h},
          {"w", p.w},
          {"c", p.c},
          {"k", p.k},
          {"r", p.r},
          {"s", p.s},
          {"p", p.p()},
          {"q", p.q()},
          {"stride_h", p.stride_h},
          {"stride_w", p.stride_w},
          {"pad_h", p.pad_h},
          {"pad_w", p.pad_w},
          {"dilation_h", p.dilation_h},
          {"dilation_w", p.dilation_w},
          {"groups", p.groups},
          {"skip_c", p.skip_c}};
}

Work Conv2d::work(const Problem& problem) {
  // Transposed, each input meets each filter element; forward, each output does. Padding counts: what
  // an implementation leaves out is its own gain.
  const auto pixels = static_cast<double>(problem.transposed ? problem.n * problem.h * problem.w
                                                             : problem.n * problem.p() * problem.q());
  const auto per_pixel =
      static_cast<double>(problem.c_per_group() * problem.r * problem.s) * static_cast<double>(problem.k);
  double elements = static_cast<double>(problem.y_count());
  for (const TensorSpec& tensor : inputs(problem)) elements += static_cast<double>(tensor.count);
  if (!problem.transposed) {  // a stride larger than the filter steps over inputs that nobody needs
    const std::int64_t rows = std::min(problem.h, problem.p() * problem.r);
    const std::int64_t columns = std::min(problem.w, problem.q() * problem.s);
    elements -= static_cast<double>(problem.n * (problem.h * problem.w - rows * columns) * problem.c);
  }
  return {2 * pixels * per_pixel, elements * static_cast<double>(sizeof(f16))};
}

std::vector<TensorSpec> Conv2d::inputs(const Problem& problem) {
  return {{"x", Type::f16, problem.x_count()},
          {"w", Type::f16, problem.w_count(), true},
          {"bias", Type::f16, problem.bias ? problem.k : 0, true},
          {"residual", Type::f16, problem.residual ? problem.y_count() : 0},
          {"skip", Type::f16, problem.skip_count()}};
}

TensorSpec Conv2d::output(const Problem& problem) { return {"y", Type::f16, problem.y_count()}; }

void Conv2d::fill(const Problem& problem, std::uint64_t seed, std::span<void* const> inputs) {
  // He's weights: outputs have a variance near 2, far inside f16's range.
  const auto fan_in = static_cast<float>(problem.c_per_group() * problem.r * problem.s);
  const std::array<float, 5> deviations{1.0f, std::sqrt(2.0f / fan_in), 0.5f, 1.0f, 1.0f};
  const std::vector<TensorSpec> tensors = Conv2d::inputs(problem);
  Random seeds(seed);
  for (std::size_t i = 0; i < tensors.size(); ++i)
    fill_normal(static_cast<f16*>(inputs[i]), tensors[i].count, deviations[i], Random(seeds.bits()));
}

Conv2d::Buffers Conv2d::bind(const Problem&, std::span<void* const> pointers) {
  return {static_cast<const f16*>(pointers[0]), static_cast<const f16*>(pointers[1]),
          static_cast<const f16*>(pointers[2]), static_cast<const f16*>(pointers[3]),
          static_cast<f16*>(pointers[5]),       static_cast<const f16*>(pointers[4])};
}

std::vector<std::int64_t> Conv2d::check_indices(const Problem& problem, double flop_budget, std::uint64_t seed) {
  const auto per_output = 2 * static_cast<double>(problem.c_per_group() * problem.r * problem.s);
  const double affordable = std::min(flop_budget / per_output, 1e9);
  // Never fewer than the edges and some: an expensive output is no reason not to look.
  const auto count = std::max<std::int64_t>(static_cast<std::int64_t>(affordable), 1024);
  return sample_indices(problem.y_count(), problem.k, count, seed);
}

}  // namespace kernelgate
