// Chains of arrivals at mbarriers and at a cluster's barrier, and sums over another block's shared memory.

#include "kernels/microbench/readings.h"

namespace kernelgate::sm90_cluster {
namespace {

using microbench::ClockedRun;

/// n0 phases that one thread ends and waits for: the arrivals alone would end them, so both are in the figure.
SIMT_KERNEL(32) void mbarrier_chain(unsigned steps, std::int64_t* readings) {
  auto* mbarrier = simt::dynamic_shared<simt::Mbarrier>();
  if (simt::lane_idx() != 0) return;
  simt::mbarrier_init(mbarrier, 1);
  simt::fence_mbarrier_init();
  const std::int64_t begin = simt::clock_cycles();
  for (unsigned i = 0; i < steps; ++i) {
    simt::mbarrier_arrive(mbarrier);
    simt::mbarrier_wait(mbarrier, i % 2);
  }
  const std::int64_t both = simt::clock_cycles() - begin;
  const std::int64_t second = simt::clock_cycles();
  for (unsigned i = 0; i < steps; ++i) simt::mbarrier_wait(mbarrier, (steps + 1) % 2);
  microbench::give(readings, both, simt::clock_cycles() - second);
}

SIMT_KERNEL(512) void cluster_barriers(unsigned steps, std::int64_t* readings) {
  simt::cluster_sync();
  const std::int64_t begin = simt::clock_cycles();
  for (unsigned i = 0; i < steps; ++i) simt::cluster_sync();
  const std::int64_t end = simt::clock_cycles();
  if (simt::thread_idx().x == 0) microbench::give(readings, end - begin);
}

/// 64 x 64 floats of the other block, added to one's own: n0 times.
SIMT_KERNEL(128) void add_other(unsigned steps, std::int64_t* readings) {
  auto* own = simt::dynamic_shared<simt::Vec4>();
  const unsigned t = simt::thread_idx().x;
  for (unsigned i = t; i < 1024; i += 128) simt::store_shared(own + i, simt::Vec4{1, 2, 3, 4});
  simt::cluster_sync();
  const simt::Vec4* other = simt::map_shared_rank(own, simt::cluster_rank() ^ 1);
  simt::Vec4 sum;
  const std::int64_t begin = simt::clock_cycles();
  for (unsigned step = 0; step < steps; ++step) {
    SIMT_UNROLL
    for (unsigned i = 0; i < 8; ++i) {
      const simt::Vec4 came = simt::load_cluster(other + i * 128 + t);
      sum.x += came.x, sum.y += came.y, sum.z += came.z, sum.w += came.w;
    }
  }
  simt::cluster_sync();
  const std::int64_t end = simt::clock_cycles();
  if (t == 0) microbench::give(readings, end - begin, 0, sum.x + sum.y + sum.z + sum.w);
}

void in_pairs(void (*kernel)(unsigned, std::int64_t*), const ClockedRun& run, unsigned cluster, const char* name,
              Stream stream) {
  simt::LaunchShape shape{{cluster}, {run.threads}, 16384, name};
  shape.cluster = {cluster};
  simt::launch(kernel, shape, stream, run.n[0], run.readings);
}

const microbench::RegisterClocked these{
    simt::device_kind,
    {{"mbarrier_chain",
      90,
      false,
      {1, 32, {6}},
      0,
      [](const ClockedRun& run, Stream stream) {
        simt::launch(mbarrier_chain, {{1}, {32}, 128, "mbarrier_chain"}, stream, run.n[0], run.readings);
      }},
     // n1 blocks a cluster.
     {"cluster_barriers",
      90,
      false,
      {2, 64, {5, 2}},
      0,
      [](const ClockedRun& run, Stream stream) {
        in_pairs(cluster_barriers, run, run.n[1], "cluster_barriers", stream);
      }},
     {"cluster_add", 90, false, {2, 128, {1}}, 0, [](const ClockedRun& run, Stream stream) {
        in_pairs(add_other, run, 2, "add_other", stream);
      }}}};

}  // namespace
}  // namespace kernelgate::sm90_cluster
