// oneDNN's convolution and deconvolution in f32, on all cores.

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <unordered_map>

#include "bench/peers/onednn/onednn.h"
#include "kernels/conv2d/conv2d.h"

namespace kernelgate {
namespace {

using dnnl::memory;
using Problem = Conv2d::Problem;

constexpr auto f32 = memory::data_type::f32;

/// [groups, K/groups, C/groups, R, S] as oneDNN counts, laid out as the contract says.
memory::desc filters(const Problem& p) {
  const std::int64_t kg = p.k_per_group(), cg = p.c_per_group(), taps = p.r * p.s;
  const memory::dims dims{p.groups, kg, cg, p.r, p.s};
  return p.transposed ? memory::desc(dims, f32, memory::dims{cg * taps * kg, 1, taps * kg, p.s * kg, kg})
                      : memory::desc(dims, f32, memory::dims{kg * taps * cg, taps * cg, 1, p.s * cg, cg});
}

/// The same for both primitives but for their types. Filters are reordered, by each launch, to what the
/// primitive likes best; images stay NHWC, which it takes well.
template <class Primitive>
struct Plan {
  Plan(const Problem& p, dnnl::algorithm algorithm)
      : descriptor(describe(p, algorithm)),
        primitive(descriptor),
        stream(engine()),
        x(descriptor.src_desc(), engine()),
        w_given(filters(p), engine()),
        w(w_given),
        y(descriptor.dst_desc(), engine()) {
    if (descriptor.weights_desc() != w_given.get_desc()) {
      w = memory(descriptor.weights_desc(), engine());
      reorder = dnnl::reorder(w_given, w);
    }
    arguments = {{DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, w}, {DNNL_ARG_DST, y}};
    if (p.bias) {
      bias = memory(descriptor.bias_desc(), engine());
      arguments.emplace(DNNL_ARG_BIAS, bias);
    }
  }

  static const dnnl::engine& engine() { return onednn::cpu_engine(); }

  static typename Primitive::primitive_desc describe(const Problem& p, dnnl::algorithm algorithm) {
    using tag = memory::format_tag;
    const memory::desc image({p.n, p.c, p.h, p.w}, f32, tag::nhwc), result({p.n, p.k, p.p(), p.q()}, f32, tag::nhwc);
    const memory::desc any_filters({p.groups, p.k_per_group(), p.c_per_group(), p.r, p.s}, f32, tag::any);
    const memory::desc biases = p.bias ? memory::desc({p.k}, f32, tag::a) : memory::desc();
    const memory::dims strides{p.stride_h, p.stride_w}, dilates{p.dilation_h - 1, p.dilation_w - 1};  // 0 is dense
    const memory::dims before{p.pad_h, p.pad_w}, after{p.pad_h - p.output_padding_h, p.pad_w - p.output_padding_w};
    return onednn::describe<Primitive>(dnnl::prop_kind::forward_inference, algorithm, image, any_filters, biases,
                                       result, strides, dilates, before, after);
  }

  void execute() {
    if (reorder) reorder.execute(stream, w_given, w);
    primitive.execute(stream, arguments);
    stream.wait();
  }

  typename Primitive::primitive_desc descriptor;
  Primitive primitive;
  dnnl::stream stream;
  memory x, w_given, w, bias, y;
  dnnl::reorder reorder;  // empty if the filters are taken as they are
  std::unordered_map<int, memory> arguments;
};

/// One loop for each, so that none asks which one it is.
void activate(Conv2d::Activation activation, float* values, std::size_t count) {
  const auto each = [&](auto of) { std::transform(values, values + count, values, of); };
  switch (activation) {
    case Conv2d::Activation::none:
      return;
    case Conv2d::Activation::relu:
      return each([](float value) { return value < 0 ? 0 : value; });
    case Conv2d::Activation::gelu:
      return each([](float value) { return value * 0.5f * (1 + std::erf(value * std::numbers::sqrt2_v<float> / 2)); });
    case Conv2d::Activation::sigmoid:
      return each([](float value) { return 1 / (1 + std::exp(-value)); });
  }
}

/// Residual, activation and rounding in one pass. oneDNN's own ReLU makes zeros of NaNs.
void finish(const memory& from, const Problem& problem, const Conv2d::Buffers& buffers) {
  const auto* sums = static_cast<const float*>(from.get_data_handle());
  onednn::in_parallel(static_cast<std::size_t>(problem.y_count()), [&](std::size_t begin, std::size_t end) {
    constexpr std::size_t chunk = 1024;  // stays in L1
    float values[chunk], residual[chunk];
    for (std::size_t at = begin; at < end; at += chunk) {
      const std::size_t count = std::min(chunk, end - at);
      std::copy_n(sums + at, count, values);
      if (problem.residual) {
        to_float(buffers.residual + at, residual, count);
        for (std::size_t i = 0; i < count; ++i) values[i] += residual[i];
      }
      activate(problem.activation, values, count);
      to_f16(values, buffers.y + at, count);
    }
  });
}

/// Two inputs, whose channels alternate by pixel, as oneDNN's one.
void widen_both(const Problem& problem, const Conv2d::Buffers& buffers, const memory& to) {
  auto* const x = static_cast<float*>(to.get_data_handle());
  onednn::in_parallel(static_cast<std::size_t>(problem.n * problem.h * problem.w), [&](std::size_t begin,
                                                                                       std::size_t end) {
    for (auto pixel = static_cast<std::int64_t>(begin); pixel < static_cast<std::int64_t>(end); ++pixel) {
      float* const here = x + pixel * problem.c;
      to_float(buffers.x + pixel * problem.x_c(), here, static_cast<std::size_t>(problem.x_c()));
      to_float(buffers.skip + pixel * problem.skip_c, here + problem.x_c(), static_cast<std::size_t>(problem.skip_c));
    }
  });
}

template <class Primitive>
Launch make_launch(const Device& device, const Problem& problem, const Conv2d::Buffers& buffers,
                   dnnl::algorithm algorithm) {
  onednn::use_threads(device.threads);  // it decides the blocking
  const auto plan = onednn::translate_errors([&] { return std::make_shared<Plan<Primitive>>(problem, algorithm); });
  return [=, threads = device.threads](Stream) {
    onednn::use_threads(threads);
    if (problem.skip_c > 0)
      widen_both(problem, buffers, plan->x);
    else
      onednn::widen(buffers.x, plan->x, static_cast<std::size_t>(problem.x_count()));
    onednn::widen(buffers.w, plan->w_given, static_cast<std::size_t>(problem.w_count()));
    if (problem.bias) onednn::widen(buffers.bias, plan->bias, static_cast<std::size_t>(problem.k));
    onednn::translate_errors([&] { plan->execute(); });
    finish(plan->y, problem, buffers);
  };
}

Support supports(const Device&, const Problem&) { return {}; }

Launch prepare(const Device& device, const Problem& problem, const Conv2d::Buffers& buffers) {
  if (problem.y_count() == 0) return [](Stream) {};
  if (problem.transposed)
    return make_launch<dnnl::deconvolution_forward>(device, problem, buffers, dnnl::algorithm::deconvolution_direct);
  // "auto" may choose Winograd, whose rounding errors are beyond the contract's bound.
  return make_launch<dnnl::convolution_forward>(device, problem, buffers, dnnl::algorithm::convolution_direct);
}

const Register<Conv2d> registered{{"onednn", Origin::peer, DeviceKind::cpu, supports, prepare}};

}  // namespace
}  // namespace kernelgate
