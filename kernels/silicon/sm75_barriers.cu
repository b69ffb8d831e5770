// Barriers of a warp, a block, and some warps of a block: data goes from those who arrive to those who wait.

#include "kernels/silicon/probe.h"
#include "kernels/simt/simt.h"

namespace kernelgate::sm75_barriers {
namespace {

using Word = std::uint32_t;

constexpr unsigned threads = 128, rounds = 15;

/// Warps 0 and 1 write and arrive, warps 2 and 3 wait and read: round r at barrier r + 1.
SIMT_KERNEL(threads) void named(const Word* in, Word* out) {
  auto* words = simt::dynamic_shared<Word>();
  const unsigned t = simt::thread_idx().x;
  for (unsigned round = 0; round < rounds; ++round) {
    const unsigned at = round * 64 + t % 64;
    if (t < 64) {
      simt::store_shared(words + at, simt::load_global(in + at));
      simt::named_barrier_arrive(round + 1, threads);
    } else {
      simt::named_barrier_sync(round + 1, threads);
      simt::store_global(out + at, simt::load_shared(words + (round * 64 + 63 - t % 64)));
    }
  }
}

/// Each round every thread reads what another warp, then what another lane wrote in the round before.
SIMT_KERNEL(threads) void whole(const Word* in, Word* out) {
  auto* words = simt::dynamic_shared<Word>();
  const unsigned t = simt::thread_idx().x;
  Word value = simt::load_global(in + t);
  for (unsigned round = 0; round < rounds; ++round) {
    simt::store_shared(words + t, value);
    simt::sync_threads();
    value += simt::load_shared(words + (t + 37) % threads);
    simt::sync_threads();
    simt::store_shared(words + t, value);
    simt::sync_warp();
    value ^= simt::load_shared(words + (t / 32 * 32 + (t + 5) % 32));
    simt::sync_threads();
  }
  simt::store_global(out + t, value);
}

const silicon::RegisterProbes these{simt::device_kind,
                                    {{"barrier/named",
                                      {},
                                      silicon::Inputs::bits,
                                      rounds * 64 * 4,
                                      silicon::Outputs::bits,
                                      rounds * 64 * 4,
                                      {},
                                      [](const void* in, void* out, Stream stream) {
                                        simt::launch(named, {{1}, {threads}, rounds * 64 * 4, "named"}, stream,
                                                     static_cast<const Word*>(in), static_cast<Word*>(out));
                                      }},
                                     {"barrier/block_and_warp",
                                      {},
                                      silicon::Inputs::bits,
                                      threads * 4,
                                      silicon::Outputs::bits,
                                      threads * 4,
                                      {},
                                      [](const void* in, void* out, Stream stream) {
                                        simt::launch(whole, {{1}, {threads}, threads * 4, "whole"}, stream,
                                                     static_cast<const Word*>(in), static_cast<Word*>(out));
                                      }}}};

}  // namespace
}  // namespace kernelgate::sm75_barriers
