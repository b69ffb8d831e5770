// The first load through a tensor map, with the map prefetched long before, and without; and a second one.

#include "kernels/microbench/readings.h"

namespace kernelgate::sm90_tensor_map {
namespace {

using microbench::ClockedRun;

constexpr unsigned rows = 64, columns = 64, box_bytes = rows * columns * 2;

struct MapParams {
  simt::TensorMap map;
  bool prefetch = false;
  std::int64_t* readings = nullptr;
};

SIMT_KERNEL(32) void first_use(const SIMT_GRID_CONSTANT MapParams p) {
  auto* smem = simt::dynamic_shared<char>();
  auto* came = reinterpret_cast<simt::Mbarrier*>(smem + box_bytes);
  if (simt::lane_idx() != 0) return;
  if (p.prefetch) simt::prefetch_tensor_map(p.map);
  simt::mbarrier_init(came, 1);
  simt::fence_mbarrier_init();
  const std::int64_t start = simt::clock_cycles();
  while (simt::clock_cycles() - start < 20000 && simt::device_kind == DeviceKind::cuda) {
  }
  std::int64_t cycles[2];
  for (unsigned i = 0; i < 2; ++i) {
    const std::int64_t begin = simt::clock_cycles();
    simt::mbarrier_arrive_expect_tx(came, box_bytes);
    simt::tma_load_2d(smem, p.map, came, 0, static_cast<int>(i * rows));
    simt::mbarrier_wait(came, i);
    cycles[i] = simt::clock_cycles() - begin;
  }
  microbench::give(p.readings, cycles[0], cycles[1]);
}

/// n0: whether it is prefetched.
const microbench::RegisterClocked these{
    simt::device_kind,
    {{"tensor_map", 90, false, {1, 32, {1}}, 2 * box_bytes, [](const ClockedRun& run, Stream stream) {
        simt::TiledTensor tiled;
        tiled.tensor.name = "of a microbenchmark";
        tiled.tensor.rank = 2;
        tiled.tensor.address = run.memory;
        tiled.tensor.dims = {columns, 2 * rows};
        tiled.tensor.strides_bytes = {columns * 2};
        tiled.tensor.swizzle = simt::Swizzle::bytes_128;
        tiled.box = {columns, rows};
        simt::launch(first_use, {{1}, {32}, box_bytes + 16, "first_use"}, stream,
                     MapParams{simt::encode_tiled(tiled), run.n[0] != 0, run.readings});
      }}}};

}  // namespace
}  // namespace kernelgate::sm90_tensor_map
