// mbarriers of one block: phases, parities, and an object that is made anew in the same place.

#include "kernels/silicon/probe.h"
#include "kernels/simt/simt.h"

namespace kernelgate::sm80_mbarrier {
namespace {

using Word = std::uint32_t;

constexpr unsigned threads = 128, rounds = 7, words_at = 64;

/// Two warps fill a place that two others empty, round after round; the phase of a round is its number.
SIMT_KERNEL(threads) void hand_over(const Word* in, Word* out) {
  auto* smem = simt::dynamic_shared<char>();
  auto* full = reinterpret_cast<simt::Mbarrier*>(smem);
  simt::Mbarrier* empty = full + 1;
  auto* words = reinterpret_cast<Word*>(smem + words_at);
  const unsigned t = simt::thread_idx().x, place = t % 64;
  if (t == 0) {
    simt::mbarrier_init(full, 64);
    simt::mbarrier_init(empty, 64);
  }
  simt::sync_threads();
  // The phase before the first is over, the first is not.
  if (t == 0) {
    simt::store_global(out + rounds * 64, simt::mbarrier_test_wait(full, 1) ? 1u : 0u);
    simt::store_global(out + rounds * 64 + 1, simt::mbarrier_test_wait(full, 0) ? 1u : 0u);
    simt::store_global(out + rounds * 64 + 2, simt::mbarrier_try_wait(full, 1) ? 1u : 0u);
  }
  simt::sync_threads();
  for (unsigned round = 0; round < rounds; ++round) {
    if (t < 64) {
      simt::mbarrier_wait(empty, (round + 1) % 2);
      simt::store_shared(words + place, simt::load_global(in + round * 64 + place));
      simt::mbarrier_arrive(full);
    } else {
      simt::mbarrier_wait(full, round % 2);
      simt::store_global(out + round * 64 + place, simt::load_shared(words + (place * 5 + 3) % 64));
      simt::mbarrier_arrive(empty);
    }
  }
  simt::sync_threads();
  if (t == 0) {
    simt::mbarrier_invalidate(full);
    simt::mbarrier_init(full, threads);
  }
  simt::sync_threads();
  simt::mbarrier_arrive(full);
  while (!simt::mbarrier_try_wait(full, 0)) {
  }
  if (t == 0) simt::store_global(out + rounds * 64 + 3, simt::mbarrier_test_wait(full, 0) ? 1u : 0u);
}

const silicon::RegisterProbes these{simt::device_kind,
                                    {{"mbarrier/phases",
                                      {80},
                                      silicon::Inputs::bits,
                                      rounds * 64 * 4,
                                      silicon::Outputs::bits,
                                      (rounds * 64 + 4) * 4,
                                      {},
                                      [](const void* in, void* out, Stream stream) {
                                        simt::launch(hand_over, {{1}, {threads}, words_at + 256, "hand_over"}, stream,
                                                     static_cast<const Word*>(in), static_cast<Word*>(out));
                                      }}}};

}  // namespace
}  // namespace kernelgate::sm80_mbarrier
