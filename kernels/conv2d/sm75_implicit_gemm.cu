// Implicit GEMM for every GPU from sm_75 on, in the shared memory that sm_75 has: takes every problem.

#include "kernels/conv2d/implicit_gemm_launch.h"

namespace kernelgate {
namespace {

struct LargeTile : conv2d::GemmConfig<128, 128, 32, 2, 4, 1, 3, 1> {};
struct NarrowTile : conv2d::GemmConfig<128, 32, 32, 4, 1, 1, 4, 3> {};  // few output channels
struct SmallTile : conv2d::GemmConfig<64, 64, 32, 2, 2, 1, 4, 4> {};    // few outputs at all

static_assert(LargeTile::smem_bytes <= static_cast<int>(simt::max_shared_bytes_of(7, 5)));

Support supports(const Device& device, const Conv2d::Problem& problem) {
  if (simt::device_kind == DeviceKind::cuda && device.compute_capability < 75)
    return Support::no("needs compute capability 7.5");
  return conv2d::gemm_fits<SmallTile, NarrowTile>(problem);
}

constexpr int most_splits = 16;

struct ForEachTile {
  template <class Visit>
  void operator()(bool transposed, bool vectorized, Visit visit) const {
    using conv2d::CompiledGemm;
    if (transposed && vectorized) {
      visit(CompiledGemm<LargeTile, true, true>(), 1);
      visit(CompiledGemm<SmallTile, true, true>(), most_splits);
    } else if (transposed) {
      visit(CompiledGemm<SmallTile, true, false>(), most_splits);
    } else if (vectorized) {
      visit(CompiledGemm<LargeTile, false, true>(), 1);
      visit(CompiledGemm<NarrowTile, false, true>(), 1);
      visit(CompiledGemm<SmallTile, false, true>(), most_splits);
    } else {
      visit(CompiledGemm<NarrowTile, false, false>(), 1);
      visit(CompiledGemm<SmallTile, false, false>(), most_splits);
    }
  }
};

Launch prepare(const Device& device, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) {
  return conv2d::launch_quickest(device, problem, buffers, ForEachTile());
}

const Register<Conv2d> registered{{.name = "sm75_implicit_gemm",
                                   .origin = Origin::ours,
                                   .device = simt::device_kind,
                                   .supports = supports,
                                   .prepare = prepare,
                                   .policies = conv2d::gemm_policies(ForEachTile())}};

}  // namespace
}  // namespace kernelgate
