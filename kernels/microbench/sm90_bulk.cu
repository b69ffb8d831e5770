// Bulk copies: how long one takes, how many are under way at a time, and what all multiprocessors read together.

#include "kernels/microbench/readings.h"

namespace kernelgate::sm90_bulk {
namespace {

using microbench::ClockedRun;

constexpr unsigned mbarriers_at = 196608, shared_bytes = mbarriers_at + 128;

/// n0 copies of n1 bytes at once: until they are issued, and until all are there.
SIMT_KERNEL(32) void at_once(const char* memory, unsigned count, unsigned bytes, std::int64_t* readings) {
  auto* smem = simt::dynamic_shared<char>();
  auto* came = reinterpret_cast<simt::Mbarrier*>(smem + mbarriers_at);
  if (simt::lane_idx() != 0) return;
  simt::mbarrier_init(came, 1);
  simt::fence_mbarrier_init();
  const std::int64_t begin = simt::clock_cycles();
  simt::mbarrier_arrive_expect_tx(came, count * bytes);
  for (unsigned i = 0; i < count; ++i) simt::bulk_load(smem + i * bytes, memory + i * bytes, bytes, came);
  const std::int64_t issued = simt::clock_cycles();
  simt::mbarrier_wait(came, 0);
  microbench::give(readings, issued - begin, simt::clock_cycles() - begin);
}

/// The same for both blocks of a cluster, by the first.
SIMT_KERNEL(32) void at_once_for_two(const char* memory, unsigned count, unsigned bytes, std::int64_t* readings) {
  auto* smem = simt::dynamic_shared<char>();
  auto* came = reinterpret_cast<simt::Mbarrier*>(smem + mbarriers_at);
  const bool one = simt::lane_idx() == 0;
  if (one) {
    simt::mbarrier_init(came, 1);
    simt::fence_mbarrier_init();
    simt::mbarrier_arrive_expect_tx(came, count * bytes);
  }
  simt::cluster_sync();
  const std::int64_t begin = simt::clock_cycles();
  if (one && simt::cluster_rank() == 0)
    for (unsigned i = 0; i < count; ++i)
      simt::bulk_load_multicast(smem + i * bytes, memory + i * bytes, bytes, came, 3);
  const std::int64_t issued = simt::clock_cycles();
  simt::mbarrier_wait(came, 0);
  const std::int64_t end = simt::clock_cycles();
  if (one) microbench::give(readings, issued - begin, end - begin);
  simt::cluster_sync();
}

constexpr unsigned stages = 8;

/// Each block reads its pieces of n1 bytes of n2 KiB, n0 times over, 8 under way at a time.
SIMT_KERNEL(32)
void stream_through(const char* memory, unsigned rounds, unsigned bytes, unsigned kib, std::int64_t* readings) {
  auto* smem = simt::dynamic_shared<char>();
  auto* came = reinterpret_cast<simt::Mbarrier*>(smem + mbarriers_at);
  if (simt::lane_idx() != 0) return;
  for (unsigned i = 0; i < stages; ++i) simt::mbarrier_init(came + i, 1);
  simt::fence_mbarrier_init();
  const std::uint64_t pieces = std::uint64_t{kib} * 1024 / bytes, blocks = simt::grid_dim().x;
  const std::uint64_t first = simt::block_idx().x;
  const std::uint64_t each = first < pieces ? (pieces - first + blocks - 1) / blocks : 0, all = each * rounds;
  const std::int64_t begin = simt::clock_cycles();
  for (std::uint64_t i = 0; i < all + stages; ++i) {
    const unsigned stage = static_cast<unsigned>(i % stages);
    if (i >= stages && i - stages < all) simt::mbarrier_wait(came + stage, static_cast<unsigned>(i / stages - 1) % 2);
    if (i >= all) continue;
    simt::mbarrier_arrive_expect_tx(came + stage, bytes);
    simt::bulk_load(smem + stage * bytes, memory + (first + i % each * blocks) * bytes, bytes, came + stage);
  }
  microbench::give(readings, simt::clock_cycles() - begin);
}

const microbench::RegisterClocked these{
    simt::device_kind,
    {{"bulk_at_once",
      90,
      false,
      {1, 32, {3, 1024}},
      3072,
      [](const ClockedRun& run, Stream stream) {
        simt::launch(at_once, {{1}, {32}, shared_bytes, "at_once"}, stream, static_cast<const char*>(run.memory),
                     run.n[0], run.n[1], run.readings);
      }},
     {"bulk_at_once_for_two",
      90,
      false,
      {2, 32, {3, 1024}},
      3072,
      [](const ClockedRun& run, Stream stream) {
        simt::LaunchShape shape{{2}, {32}, shared_bytes, "at_once_for_two"};
        shape.cluster = {2};
        simt::launch(at_once_for_two, shape, stream, static_cast<const char*>(run.memory), run.n[0], run.n[1],
                     run.readings);
      }},
     {"bulk_stream", 90, false, {3, 32, {2, 2048, 42}}, 43008, [](const ClockedRun& run, Stream stream) {
        simt::launch(stream_through, {{run.blocks}, {32}, shared_bytes, "stream_through"}, stream,
                     static_cast<const char*>(run.memory), run.n[0], run.n[1], run.n[2], run.readings);
      }}}};

}  // namespace
}  // namespace kernelgate::sm90_bulk
