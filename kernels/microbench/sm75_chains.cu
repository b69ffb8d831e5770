// Chains of operations that wait for each other: what one takes from issue to result. And kernels that do next to
// nothing.

#include "kernels/microbench/readings.h"

namespace kernelgate::sm75_chains {
namespace {

using microbench::ClockedRun;
using Word = std::uint32_t;

SIMT_KERNEL(1024) void nothing() {}

/// Until n0 cycles are over.
SIMT_KERNEL(1024) void spin(unsigned cycles, std::int64_t* readings) {
  const std::int64_t begin = simt::clock_cycles();
  std::int64_t now = begin;
  while (now - begin < static_cast<std::int64_t>(cycles)) {
    simt::nanosleep(0);
    now = simt::clock_cycles();
  }
  if (simt::linear_thread_idx() == 0) microbench::give(readings, now - begin);
}

/// Before load_chain: each 16 bytes, n1 of them apart, name the next; n0 in all.
SIMT_KERNEL(128) void make_chain(simt::Vec4* memory, unsigned count, unsigned stride) {
  const unsigned i = simt::block_idx().x * 128 + simt::thread_idx().x;
  if (i < count) simt::store_global_16(memory + i, {(i + stride) % count, 0, 0, 0});
}

/// n0 loads of 16 bytes, after n1 that bring the data near.
SIMT_KERNEL(32) void load_chain(const simt::Vec4* memory, unsigned steps, unsigned warm_up, std::int64_t* readings) {
  if (simt::lane_idx() != 0) return;
  Word at = 0;
  for (unsigned i = 0; i < warm_up; ++i) at = simt::load_global_16(memory + at).x;
  const std::int64_t begin = simt::clock_cycles();
  for (unsigned i = 0; i < steps; ++i) at = simt::load_global_16(memory + at).x;
  microbench::give(readings, simt::clock_cycles() - begin, 0, at);
}

SIMT_KERNEL(32) void shared_chain(unsigned steps, std::int64_t* readings) {
  auto* words = simt::dynamic_shared<Word>();
  for (unsigned i = simt::lane_idx(); i < 1024; i += 32) simt::store_shared(words + i, (i + 33) % 1024);
  simt::sync_threads();
  Word at = simt::lane_idx();
  const std::int64_t begin = simt::clock_cycles();
  simt::sync_warp();
  for (unsigned i = 0; i < steps; ++i) at = simt::load_shared(words + at);
  simt::sync_warp();
  const std::int64_t end = simt::clock_cycles();
  const Word kept = simt::reduce_max(at);
  if (simt::lane_idx() == 0) microbench::give(readings, end - begin, 0, kept);
}

SIMT_KERNEL(32) void shuffle_chain(unsigned steps, std::int64_t* readings) {
  Word value = simt::lane_idx();
  const std::int64_t begin = simt::clock_cycles();
  for (unsigned i = 0; i < steps; ++i) value = simt::shuffle(value, value + 1);
  const std::int64_t end = simt::clock_cycles();
  if (simt::lane_idx() == 0) microbench::give(readings, end - begin, 0, value);
}

SIMT_KERNEL(1024) void barrier_chain(unsigned steps, std::int64_t* readings) {
  simt::sync_threads();
  const std::int64_t begin = simt::clock_cycles();
  for (unsigned i = 0; i < steps; ++i) simt::sync_threads();
  const std::int64_t end = simt::clock_cycles();
  if (simt::thread_idx().x == 0) microbench::give(readings, end - begin);
}

void chain(const ClockedRun& run, Stream stream) {
  auto* memory = static_cast<simt::Vec4*>(run.memory);
  simt::launch(make_chain, {{(run.n[2] + 127) / 128}, {128}, 0, "make_chain"}, stream, memory, run.n[2], run.n[3]);
}

const microbench::RegisterClocked these{
    simt::device_kind,
    {{"nothing",
      75,
      false,
      {2, 128, {}},
      0,
      [](const ClockedRun& run, Stream stream) {
        simt::launch(nothing, {{run.blocks}, {run.threads}, 0, "nothing"}, stream);
      }},
     {"nothing_overlapping",
      90,
      false,
      {2, 128, {}},
      0,
      [](const ClockedRun& run, Stream stream) {
        simt::LaunchShape shape{{run.blocks}, {run.threads}, 0, "nothing"};
        shape.overlaps_previous =
            simt::device_kind == DeviceKind::cuda;  // it waits for nothing, which the host refuses
        simt::launch(nothing, shape, stream);
      }},
     {"spin",
      75,
      false,
      {2, 32, {10}},
      0,
      [](const ClockedRun& run, Stream stream) {
        simt::launch(spin, {{run.blocks}, {run.threads}, 0, "spin"}, stream, run.n[0], run.readings);
      }},
     // n2 elements of 16 bytes, each of which names the one n3 further on.
     {"make_chain", 75, false, {1, 32, {0, 0, 64, 9}}, 1024, chain},
     {"load_chain",
      75,
      false,
      {1, 32, {20, 0, 64, 9}},
      1024,
      [](const ClockedRun& run, Stream stream) {
        if (simt::device_kind == DeviceKind::simt) chain(run, stream);
        simt::launch(load_chain, {{1}, {32}, 0, "load_chain"}, stream, static_cast<const simt::Vec4*>(run.memory),
                     run.n[0], run.n[1], run.readings);
      }},
     {"shared_chain",
      75,
      false,
      {1, 32, {20}},
      0,
      [](const ClockedRun& run, Stream stream) {
        simt::launch(shared_chain, {{1}, {32}, 4096, "shared_chain"}, stream, run.n[0], run.readings);
      }},
     {"shuffle_chain",
      75,
      false,
      {1, 32, {20}},
      0,
      [](const ClockedRun& run, Stream stream) {
        simt::launch(shuffle_chain, {{1}, {32}, 0, "shuffle_chain"}, stream, run.n[0], run.readings);
      }},
     {"barrier_chain", 75, false, {1, 128, {20}}, 0, [](const ClockedRun& run, Stream stream) {
        simt::launch(barrier_chain, {{1}, {run.threads}, 0, "barrier_chain"}, stream, run.n[0], run.readings);
      }}}};

}  // namespace
}  // namespace kernelgate::sm75_chains
