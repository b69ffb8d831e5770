// Implicit GEMM for every GPU from sm_75 on, in the shared memory that sm_75 has: takes every problem.

#include "kernels/conv2d/implicit_gemm_launch.h"

namespace kernelgate {
namespace {

struct LargeTile : conv2d::GemmConfig<128, 128, 32, 2, 4, 1, 3, 1> {};
struct NarrowTile : conv2d::GemmConfig<128, 32, 32, 4, 1, 1, 4, 2> {};  // few output channels
struct SmallTile : conv2d::GemmConfig<64, 64, 32, 2, 2, 1, 4, 2> {};    // few outputs at all

static_assert(LargeTile::smem_bytes <= static_cast<int>(simt::max_shared_bytes_of(7, 5)));

Support supports(const Device& device, const Conv2d::Problem& problem) {
  if (simt::device_kind == DeviceKind::cuda && device.compute_capability < 75)
    return Support::no("needs compute capability 7.5");
  if (const Support support = conv2d::fits(problem); !support) return support;
  if (static_cast<double>(conv2d::phases(problem)) *
          static_cast<double>(conv2d::ceil_div(conv2d::phase_pixels(problem), SmallTile::BLOCK_M)) >=
      1 << 30)
    return Support::no("needs a smaller stride");
  if (problem.groups > 65535 || conv2d::ceil_div(problem.k_per_group(), NarrowTile::BLOCK_N) > 65535)
    return Support::no("needs at most 65535 groups and 2^21 output channels in each");
  return {};
}

Launch prepare(const Device& device, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) {
  if (problem.y_count() == 0) return [](Stream) {};
  constexpr int most_splits = 16;
  const bool vectorized = conv2d::can_vectorize(problem, buffers);
  conv2d::GemmChoice best;
  if (problem.transposed && vectorized) {
    conv2d::consider_gemm<LargeTile, true, true>(best, device, problem, 1);
    conv2d::consider_gemm<SmallTile, true, true>(best, device, problem, most_splits);
  } else if (problem.transposed) {
    conv2d::consider_gemm<SmallTile, true, false>(best, device, problem, most_splits);
  } else if (vectorized) {
    conv2d::consider_gemm<LargeTile, false, true>(best, device, problem, 1);
    conv2d::consider_gemm<NarrowTile, false, true>(best, device, problem, 1);
    conv2d::consider_gemm<SmallTile, false, true>(best, device, problem, most_splits);
  } else {
    conv2d::consider_gemm<NarrowTile, false, false>(best, device, problem, 1);
    conv2d::consider_gemm<SmallTile, false, false>(best, device, problem, most_splits);
  }
  return best.make(device, problem, buffers, best.splits);
}

template <class C>
TilePolicy<Conv2d> policy(const char* name) {
  return {name, [](const Device&, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) -> Launch {
            if (problem.y_count() == 0) return [](Stream) {};
            return launch_of<C>(problem, buffers);
          }};
}

const Register<Conv2d> registered{{"sm75_implicit_gemm",
                                   Origin::ours,
                                   simt::device_kind,
                                   supports,
                                   prepare,
                                   "",
                                   {},
                                   {policy<LargeTile>("128x128, 3 stages"), policy<NarrowTile>("128x32, 4 stages"),
                                    policy<SmallTile>("64x64, 4 stages")}}};

}  // namespace
}  // namespace kernelgate
