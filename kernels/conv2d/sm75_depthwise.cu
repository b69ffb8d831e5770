// Depthwise convolution, one filter a channel: 3x3, 5x5 and 7x7. What bounds it is memory, and for 7x7 the products, so
// there are no Tensor Cores here. docs/conv2d.md has the picture.
//
// A thread has four channels of eight outputs in a row, in f32. It goes down the filter's rows, loads what the eight
// outputs read of a row, each input once, and adds it to all sums that it belongs to. Neighbouring threads have
// neighbouring channels. Filters lie in shared memory as floats, a block's channels side by side.

#include <algorithm>
#include <bit>

#include "kernels/conv2d/activation.h"
#include "kernels/conv2d/conv_params.h"
#include "kernels/simt/simt.h"

namespace kernelgate {
namespace {

using conv2d::ConvParams;

template <int TAPS_, int STRIDE_>
struct Config {
  static constexpr int taps = TAPS_, stride = STRIDE_;          ///< both ways
  static constexpr int channels = 4, outputs = 8;               ///< of a thread
  static constexpr int inputs = (outputs - 1) * stride + taps;  ///< of a row, that its outputs read
  static constexpr int threads = 128, most_chunks = 32;
};

struct Params {
  ConvParams conv;
  int chunks_log2;  ///< so many threads have neighbouring channels
  int strips_w;     ///< of a row of outputs
  int strips;
};

struct alignas(8) Four {
  std::uint32_t low, high;

  SIMT_DEVICE void widen(float (&to)[4]) const {
    to[0] = simt::low_half(low);
    to[1] = simt::high_half(low);
    to[2] = simt::low_half(high);
    to[3] = simt::high_half(high);
  }
};

/// Grid: x = blocks that take strips in turn; y = blocks of channels.
template <class C>
SIMT_KERNEL(C::threads)
void depthwise(const SIMT_GRID_CONSTANT Params p) {
  const ConvParams& conv = p.conv;
  const int thread = static_cast<int>(simt::linear_thread_idx()), chunks = 1 << p.chunks_log2;
  const int block_channels = chunks * C::channels,
            first_channel = static_cast<int>(simt::block_idx().y) * block_channels;
  float* const filter = simt::dynamic_shared<float>();  // [taps * taps][block_channels]
  const int filter_elements = C::taps * C::taps * block_channels;
  for (int i = thread; i < filter_elements; i += C::threads) {
    const int channel = i & (block_channels - 1), tap = i >> (p.chunks_log2 + 2);
    const bool inside = first_channel + channel < conv.k;
    simt::store_shared(
        filter + i, inside ? simt::to_float(simt::load_global(
                                 conv.w + static_cast<std::int64_t>(first_channel + channel) * C::taps * C::taps + tap))
                           : 0.0f);
  }
  const int chunk = thread & (chunks - 1), channel = first_channel + chunk * C::channels;
  float bias[C::channels];
  SIMT_UNROLL
  for (int c = 0; c < C::channels; ++c)
    bias[c] = conv.bias != nullptr && channel < conv.k ? simt::to_float(simt::load_global(conv.bias + channel + c)) : 0;
  simt::sync_threads();
  if (channel >= conv.k) return;

  const int step = static_cast<int>(simt::grid_dim().x) * (C::threads >> p.chunks_log2);
  for (int strip = static_cast<int>(simt::block_idx().x) * (C::threads >> p.chunks_log2) + (thread >> p.chunks_log2);
       strip < p.strips; strip += step) {
    const int line = strip / p.strips_w, q = (strip - line * p.strips_w) * C::outputs;
    const int n = line / conv.p, out_p = line - n * conv.p;
    const int w = q * C::stride - conv.pad_w;
    float sums[C::outputs][C::channels];
    SIMT_UNROLL
    for (auto& sum : sums) {
      SIMT_UNROLL
      for (int c = 0; c < C::channels; ++c) sum[c] = bias[c];
    }
    SIMT_UNROLL
    for (int r = 0; r < C::taps; ++r) {
      const int h = out_p * C::stride - conv.pad_h + r;
      const bool line_inside = static_cast<unsigned>(h) < static_cast<unsigned>(conv.h);
      const std::int64_t from =
          line_inside ? (static_cast<std::int64_t>(n) * conv.h + h) * conv.w_in * conv.c + channel : 0;
      Four inputs[C::inputs];
      SIMT_UNROLL
      for (int i = 0; i < C::inputs; ++i) {
        const bool inside = line_inside && static_cast<unsigned>(w + i) < static_cast<unsigned>(conv.w_in);
        inputs[i] = inside ? simt::load_global(reinterpret_cast<const Four*>(
                                 conv.x + (from + static_cast<std::int64_t>(w + i) * conv.c)))
                           : Four{};
      }
      float taps[C::taps][C::channels];
      SIMT_UNROLL
      for (int s = 0; s < C::taps; ++s) {
        const auto loaded = simt::load_shared(
            reinterpret_cast<const simt::Vec4*>(filter + (r * C::taps + s) * block_channels + chunk * C::channels));
        taps[s][0] = std::bit_cast<float>(loaded.x), taps[s][1] = std::bit_cast<float>(loaded.y);
        taps[s][2] = std::bit_cast<float>(loaded.z), taps[s][3] = std::bit_cast<float>(loaded.w);
      }
      SIMT_UNROLL
      for (int i = 0; i < C::inputs; ++i) {
        float value[C::channels];
        inputs[i].widen(value);
        SIMT_UNROLL
        for (int output = 0; output < C::outputs; ++output) {
          const int s = i - output * C::stride;
          if (s < 0 || s >= C::taps) continue;
          SIMT_UNROLL
          for (int c = 0; c < C::channels; ++c) sums[output][c] = simt::fma(value[c], taps[s][c], sums[output][c]);
        }
      }
    }
    const std::int64_t to = ((static_cast<std::int64_t>(n) * conv.p + out_p) * conv.q + q) * conv.k + channel;
    const conv2d::Any activation{conv.activation};
    SIMT_UNROLL
    for (int output = 0; output < C::outputs; ++output) {
      if (q + output >= conv.q) continue;
      const std::int64_t at = to + static_cast<std::int64_t>(output) * conv.k;
      if (conv.residual != nullptr) {
        float residual[C::channels];
        simt::load_global(reinterpret_cast<const Four*>(conv.residual + at)).widen(residual);
        SIMT_UNROLL
        for (int c = 0; c < C::channels; ++c) sums[output][c] += residual[c];
      }
      SIMT_UNROLL
      for (float& sum : sums[output]) sum = activation(sum);
      simt::store_global(
          reinterpret_cast<Four*>(conv.y + at),
          Four{simt::pack_f16x2(sums[output][0], sums[output][1]), simt::pack_f16x2(sums[output][2], sums[output][3])});
    }
  }
}

using Make = Launch (*)(const Device&, const Conv2d::Problem&, const Conv2d::Buffers&);

template <class C>
Launch launch_of(const Device& device, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) {
  Params params{};
  params.conv = conv2d::params_of(problem, buffers);
  const std::int64_t chunks = problem.c / C::channels;
  while ((1 << params.chunks_log2) < C::most_chunks && (1 << params.chunks_log2) < chunks) ++params.chunks_log2;
  const int at_once = C::threads >> params.chunks_log2, block_channels = C::channels << params.chunks_log2;
  params.strips_w = static_cast<int>(conv2d::ceil_div(problem.q(), C::outputs));
  params.strips = static_cast<int>(problem.n * problem.p() * params.strips_w);
  // Blocks stay where there is more than enough to do, so that filters are loaded seldom.
  const std::int64_t channel_blocks = conv2d::ceil_div(chunks, 1 << params.chunks_log2);
  const std::int64_t most =
      std::max<std::int64_t>(1, std::max(device.multiprocessors, 1) * std::int64_t{8} / channel_blocks);
  const simt::LaunchShape shape{{static_cast<unsigned>(std::min(conv2d::ceil_div(params.strips, at_once), most)),
                                 static_cast<unsigned>(channel_blocks)},
                                {C::threads},
                                static_cast<std::size_t>(C::taps * C::taps * block_channels) * sizeof(float),
                                "depthwise"};
  return [shape, params](Stream stream) { simt::launch(depthwise<C>, shape, stream, params); };
}

/// Null: there is none for such a filter.
Make make_for(const Conv2d::Problem& problem) {
  if (problem.r != problem.s || problem.stride_h != problem.stride_w) return nullptr;
  if (problem.stride_h == 1)
    return problem.r == 3   ? launch_of<Config<3, 1>>
           : problem.r == 5 ? launch_of<Config<5, 1>>
           : problem.r == 7 ? launch_of<Config<7, 1>>
                            : nullptr;
  if (problem.stride_h == 2)
    return problem.r == 3 ? launch_of<Config<3, 2>> : problem.r == 5 ? launch_of<Config<5, 2>> : nullptr;
  return nullptr;
}

Support supports(const Device& device, const Conv2d::Problem& problem) {
  if (simt::device_kind == DeviceKind::cuda && device.compute_capability < 75)
    return Support::no("needs compute capability 7.5");
  if (problem.transposed || problem.groups != problem.c || problem.k != problem.c)
    return Support::no("is for one filter a channel");
  if (problem.c % 4 != 0) return Support::no("needs a multiple of 4 channels");
  if (make_for(problem) == nullptr || problem.dilation_h != 1 || problem.dilation_w != 1)
    return Support::no("has filters of 3x3, 5x5 and 7x7, with stride 1, the first two also with 2");
  if (problem.c > (std::int64_t{1} << 22)) return Support::no("needs at most 2^22 channels");
  return conv2d::fits(problem);
}

Launch prepare(const Device& device, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) {
  if (problem.y_count() == 0) return [](Stream) {};
  for (const void* pointer : {static_cast<const void*>(buffers.x), static_cast<const void*>(buffers.residual),
                              static_cast<const void*>(buffers.y)})
    if (reinterpret_cast<std::uintptr_t>(pointer) % 8 != 0)
      throw Unsupported("x, residual and y must begin at multiples of 8 bytes");
  return make_for(problem)(device, problem, buffers);
}

const Register<Conv2d> registered{{"sm75_depthwise", Origin::ours, simt::device_kind, supports, prepare}};

}  // namespace
}  // namespace kernelgate
