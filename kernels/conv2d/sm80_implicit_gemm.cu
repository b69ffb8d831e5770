// Implicit GEMM for sm_80 and later: three or four stages of 64 along the reduction on their way by cp.async, and for
// few outputs tiles of 32 x 32 whose reduction four warps divide, or several blocks. docs/conv2d.md has the picture.

#include "kernels/conv2d/implicit_gemm_launch.h"

namespace kernelgate {
namespace {

struct LargeTile : conv2d::GemmConfig<128, 128, 64, 2, 4, 1, 3, 1> {};
struct NarrowTile : conv2d::GemmConfig<128, 32, 64, 4, 1, 1, 4, 2> {};  // few output channels
struct SmallTile : conv2d::GemmConfig<64, 64, 64, 2, 2, 1, 4, 2> {};
struct SlicedTile : conv2d::GemmConfig<32, 32, 128, 1, 1, 4, 4, 2> {};  // few outputs at all

static_assert(LargeTile::smem_bytes <= static_cast<int>(simt::max_shared_bytes_of(8, 6)), "the least from 8.0 on");

Support supports(const Device& device, const Conv2d::Problem& problem) {
  if (simt::device_kind == DeviceKind::cuda && device.compute_capability < 80)
    return Support::no("needs compute capability 8.0");
  if (const Support support = conv2d::fits(problem); !support) return support;
  if (static_cast<double>(conv2d::phases(problem)) *
          static_cast<double>(conv2d::ceil_div(conv2d::phase_pixels(problem), SlicedTile::BLOCK_M)) >=
      1 << 30)
    return Support::no("needs a smaller stride");
  if (problem.groups > 65535 || conv2d::ceil_div(problem.k_per_group(), SlicedTile::BLOCK_N) > 65535)
    return Support::no("needs at most 65535 groups and 2^21 output channels in each");
  return {};
}

Launch prepare(const Device& device, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) {
  if (problem.y_count() == 0) return [](Stream) {};
  constexpr int most_splits = 32;
  conv2d::GemmChoice best;
  if (!conv2d::can_vectorize(problem, buffers)) {
    if (problem.transposed)
      conv2d::consider_gemm<SmallTile, true, false>(best, device, problem, most_splits);
    else
      conv2d::consider_gemm<SmallTile, false, false>(best, device, problem, most_splits);
  } else if (problem.transposed) {
    conv2d::consider_gemm<LargeTile, true, true>(best, device, problem, 1);
    conv2d::consider_gemm<SmallTile, true, true>(best, device, problem, most_splits);
    conv2d::consider_gemm<SlicedTile, true, true>(best, device, problem, most_splits);
  } else {
    conv2d::consider_gemm<LargeTile, false, true>(best, device, problem, 1);
    conv2d::consider_gemm<NarrowTile, false, true>(best, device, problem, 1);
    conv2d::consider_gemm<SmallTile, false, true>(best, device, problem, most_splits);
    conv2d::consider_gemm<SlicedTile, false, true>(best, device, problem, most_splits);
  }
  return best.make(device, problem, buffers, best.splits);
}

const Register<Conv2d> registered{{"sm80_implicit_gemm", Origin::ours, simt::device_kind, supports, prepare}};

}  // namespace
}  // namespace kernelgate
