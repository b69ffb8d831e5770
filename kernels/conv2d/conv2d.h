#pragma once
// The contract of 2-D convolution: what is computed, in which layout, and how exactly.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/op/f16.h"
#include "kernels/op/op.h"
#include "kernels/op/sizes.h"

namespace kernelgate {

/// y = activation(conv(x, w) + bias + residual); bias, residual and activation are each optional. ReLU keeps NaN, GELU
/// is the exact one, x/2 (1 + erf(x/sqrt 2)).
///
/// Shapes  x: [N, H, W, C], y and residual: [N, P, Q, K], bias: [K]; contiguous, last dimension fastest.
///         forward:    w is [K, R, S, C/groups],
///                     y[n,p,q,k] = sum x[n, p*stride_h - pad_h + r*dilation_h, ..., c] * w[k,r,s,c],
///                     P = (H + 2*pad_h - dilation_h*(R-1) - 1) / stride_h + 1, rounded down.
///         transposed: w is [C, R, S, K/groups]: the filter of the forward convolution (K channels to C)
///                     whose data gradient this is; PyTorch's ConvTranspose2d weight in channels-last order.
///                     x[n,h,w,c] * w[c,r,s,k] is added to y[n, h*stride_h - pad_h + r*dilation_h, ..., k],
///                     P = (H-1)*stride_h - 2*pad_h + dilation_h*(R-1) + output_padding_h + 1.
///         Group g joins input channels [g*C/groups, ...) to output channels [g*K/groups, ...).
///         Padding is the same on both sides: pad_h above and below, pad_w left and right.
///         Two inputs: with skip_c > 0 the last skip_c of the C channels are in a tensor of their own, skip: [N, H, W,
///         skip_c], and x has the others, [N, H, W, C - skip_c]. The concatenation along channels need never be in
///         memory.
/// Types   f16 everywhere, also bias; accumulated in f32, bias and residual added in f32, rounded once.
/// Errors  validate: InvalidProblem. N and K may be 0: then there is nothing to do.
struct Conv2d {
  static constexpr std::string_view name = "conv2d";

  enum class Activation { none, relu, gelu, sigmoid };

  struct Problem {
    std::int64_t n = 1, h = 1, w = 1, c = 1;  ///< the input
    std::int64_t k = 1;                       ///< output channels
    std::int64_t r = 1, s = 1;                ///< filter height and width
    std::int64_t stride_h = 1, stride_w = 1;
    std::int64_t pad_h = 0, pad_w = 0;
    std::int64_t dilation_h = 1, dilation_w = 1;
    std::int64_t groups = 1;
    std::int64_t skip_c = 0;  ///< how many of the channels the second input has; 0: there is none
    bool bias = false, residual = false;
    Activation activation = Activation::none;
    bool transposed = false;
    std::int64_t output_padding_h = 0, output_padding_w = 0;  ///< transposed only

    std::int64_t p() const;  ///< output height; meaningful once validated
    std::int64_t q() const;  ///< output width
    std::int64_t c_per_group() const { return c / groups; }
    std::int64_t k_per_group() const { return k / groups; }
    std::int64_t x_c() const { return c - skip_c; }  ///< channels of the first input
    std::int64_t x_count() const { return n * h * w * x_c(); }
    std::int64_t skip_count() const { return n * h * w * skip_c; }
    std::int64_t w_count() const { return (transposed ? c * k_per_group() : k * c_per_group()) * r * s; }
    std::int64_t y_count() const { return n * p() * q() * k; }

    friend bool operator==(const Problem&, const Problem&) = default;
  };

  /// Of `inputs` y is the last, behind skip. An absent bias, residual or second input is null.
  struct Buffers {
    const f16* x = nullptr;
    const f16* w = nullptr;
    const f16* bias = nullptr;
    const f16* residual = nullptr;
    f16* y = nullptr;
    const f16* skip = nullptr;
  };

  /// "f16_bias_relu/n1x96x96x6_k16_7x7_p3", transposed "f16t_.../..._s2_p1_op1"; _s _p _d _g _op _skip
  /// only where they differ from the default, _s3x1 where height and width differ.
  static std::string problem_name(const Problem& problem);
  static void validate(const Problem& problem);
  static Sizes sizes(const Problem& problem);  ///< by the names above, for formulas
  static Work work(const Problem& problem);
  static std::vector<TensorSpec> inputs(const Problem& problem);
  static TensorSpec output(const Problem& problem);
  static void fill(const Problem& problem, std::uint64_t seed, std::span<void* const> inputs);
  static Buffers bind(const Problem& problem, std::span<void* const> pointers);
  static std::vector<std::int64_t> check_indices(const Problem& problem, double flop_budget, std::uint64_t seed);

  /// In double. The bound is 2^-24 * (C/groups*R*S/8 + 16) * (sum |x*w| + |bias| + |residual|), which allows
  /// for f32 sums in any order and for Tensor Cores that truncate, plus 1.01 times half a unit in the last
  /// place of the f16 result, plus half the smallest subnormal. It holds for results in f16's range. GELU and sigmoid
  /// multiply the first part by their largest slope, 1.13 and 1/4, and add 2^-21 of what they are given (GELU, 1 at
  /// least) or 2^-21 (sigmoid), for exp and erf of a few units in the last place.
  ///
  /// Source  Fasi, Higham, Mikaitis, Pranesh 2021, "Numerical behavior of NVIDIA tensor cores", for the
  ///         truncation; summation error grows with the number of partial sums, of 8 products here.
  static void reference(const Problem& problem, const Buffers& buffers, std::span<const std::int64_t> indices,
                        std::span<Expected> expected);
};

}  // namespace kernelgate
