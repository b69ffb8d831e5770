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
  return conv2d::gemm_fits<SlicedTile, SlicedTile>(problem);
}

constexpr int most_splits = 32;

struct ForEachTile {
  template <class Visit>
  void operator()(bool transposed, bool vectorized, Visit visit) const {
    using conv2d::CompiledGemm;
    if (!vectorized && transposed) {
      visit(CompiledGemm<SmallTile, true, false>(), most_splits);
    } else if (!vectorized) {
      visit(CompiledGemm<SmallTile, false, false>(), most_splits);
    } else if (transposed) {
      visit(CompiledGemm<LargeTile, true, true>(), 1);
      visit(CompiledGemm<SmallTile, true, true>(), most_splits);
      visit(CompiledGemm<SlicedTile, true, true>(), most_splits);
    } else {
      visit(CompiledGemm<LargeTile, false, true>(), 1);
      visit(CompiledGemm<NarrowTile, false, true>(), 1);
      visit(CompiledGemm<SmallTile, false, true>(), most_splits);
      visit(CompiledGemm<SlicedTile, false, true>(), most_splits);
    }
  }
};

Launch prepare(const Device& device, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) {
  return conv2d::launch_quickest(device, problem, buffers, ForEachTile());
}

const Register<Conv2d> registered{{.name = "sm80_implicit_gemm",
                                   .origin = Origin::ours,
                                   .device = simt::device_kind,
                                   .supports = supports,
                                   .prepare = prepare,
                                   .policies = conv2d::gemm_policies(ForEachTile())}};

}  // namespace
}  // namespace kernelgate
