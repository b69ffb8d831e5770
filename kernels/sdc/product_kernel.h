#pragma once
// The kernel of kernels/sdc/sdc.h, for any of its kinds.

#include "kernels/sdc/digest.h"
#include "kernels/sdc/sdc.h"
#include "kernels/simt/mma_types.h"
#include "kernels/simt/multiprocessor.h"
#include "kernels/simt/simt.h"

namespace kernelgate::sdc {
inline namespace SIMT_SIDE {

/// d += a b in one of the kinds; `step` is how far A's registers may move on and still be whole elements.
template <Kind>
struct Product;

template <class D>
SIMT_DEVICE void get_sums(D (&to)[4], const Word (&from)[4]) {
  SIMT_UNROLL
  for (int i = 0; i < 4; ++i) to[i] = std::bit_cast<D>(from[i]);
}

template <class D>
SIMT_DEVICE void put_sums(Word (&to)[4], const D (&from)[4]) {
  SIMT_UNROLL
  for (int i = 0; i < 4; ++i) to[i] = std::bit_cast<Word>(from[i]);
}

#define KERNELGATE_SDC_PRODUCT(KIND, SUM, MMA)                                                   \
  template <>                                                                                    \
  struct Product<Kind::KIND> {                                                                   \
    static constexpr int step = 1;                                                               \
    static SIMT_DEVICE void multiply(Word (&words)[4], const Word (&a)[4], const Word (&b)[2]) { \
      SUM d[4];                                                                                  \
      get_sums(d, words);                                                                        \
      simt::MMA(d, a, b);                                                                        \
      put_sums(words, d);                                                                        \
    }                                                                                            \
  }

KERNELGATE_SDC_PRODUCT(f16, float, mma_m16n8k16);
KERNELGATE_SDC_PRODUCT(bf16, float, mma_m16n8k16_bf16);
KERNELGATE_SDC_PRODUCT(tf32, float, mma_m16n8k8_tf32);
KERNELGATE_SDC_PRODUCT(s8, std::int32_t, mma_m16n8k32_s8);
KERNELGATE_SDC_PRODUCT(e4m3, float, mma_m16n8k32_e4m3);
#undef KERNELGATE_SDC_PRODUCT

template <>
struct Product<Kind::f64> {
  static constexpr int step = 2;  // two words are one number
  static SIMT_DEVICE double whole(Word low, Word high) {
    return std::bit_cast<double>(static_cast<std::uint64_t>(high) << 32 | low);
  }
  static SIMT_DEVICE void multiply(Word (&words)[4], const Word (&a)[4], const Word (&b)[2]) {
    double d[2] = {whole(words[0], words[1]), whole(words[2], words[3])};
    simt::mma_m8n8k4_f64(d, whole(a[0], a[1]), whole(b[0], b[1]));
    SIMT_UNROLL
    for (int i = 0; i < 2; ++i) {
      const auto bits = std::bit_cast<std::uint64_t>(d[i]);
      words[2 * i] = static_cast<Word>(bits);
      words[2 * i + 1] = static_cast<Word>(bits >> 32);
    }
  }
};

/// The first wrong word of a thread.
struct FirstWrong {
  Word count = 0, pass = 0, word = 0, got = 0, expected = 0;
};

/// 32 rounds of the four products of a warp's tile. The sums of fragments i and j are sums[2 * i + j].
template <Kind KIND>
SIMT_DEVICE void one_pass(Word (&sums)[4][4], const Word (&a)[2][4], const Word (&b)[2][2]) {
  constexpr int step = Product<KIND>::step, places = 4 / step;
  SIMT_NO_UNROLL
  for (unsigned round = 0; round < rounds; round += places) {
    SIMT_UNROLL
    for (int place = 0; place < places; ++place) {
      SIMT_UNROLL
      for (int i = 0; i < 2; ++i) {
        const int first = place * step;
        const Word moved[4] = {a[i][first], a[i][(first + 1) % 4], a[i][(first + 2) % 4], a[i][(first + 3) % 4]};
        SIMT_UNROLL
        for (int j = 0; j < 2; ++j) Product<KIND>::multiply(sums[2 * i + j], moved, b[j]);
      }
    }
  }
}

/// By thread 0 of the block, from what all threads have left in shared memory.
SIMT_DEVICE void report(const Run& run, const Word* digests, Word wrong, Word multiprocessor) {
  Word digest = 0;
  for (unsigned warp = 0; warp < threads / 32; ++warp) digest = mix(digest, simt::load_shared(digests + warp));
  BlockReport* mine = run.reports + simt::block_idx().x;
  simt::store_global(&mine->multiprocessor, multiprocessor);
  simt::store_global(&mine->digest, digest);
  simt::store_global(&mine->wrong, wrong);
}

template <Kind KIND>
SIMT_DEVICE void products(const Run& run) {
  auto* shared = simt::dynamic_shared<Word>();
  Word *const earliest = shared, *const all_wrong = shared + 1, *const digests = shared + 2;
  const Word thread = simt::thread_idx().x, multiprocessor = simt::multiprocessor_idx();
  if (thread == 0) {
    simt::store_shared(earliest, ~0u);
    simt::store_shared(all_wrong, 0u);
  }
  Word a[2][4], b[2][2];
  SIMT_UNROLL
  for (int i = 0; i < 2; ++i) {
    SIMT_UNROLL
    for (int word = 0; word < 4; ++word) a[i][word] = simt::load_global(run.a + (4 * i + word) * threads + thread);
    SIMT_UNROLL
    for (int word = 0; word < 2; ++word) b[i][word] = simt::load_global(run.b + (2 * i + word) * threads + thread);
  }
  simt::sync_threads();
  const Word mask = run.flip.multiprocessor == multiprocessor && run.flip.thread == thread ? run.flip.mask : 0;
  Word digest = first_digest(thread);
  FirstWrong first;
  SIMT_NO_UNROLL
  for (Word pass = 0; pass < run.passes; ++pass) {
    Word sums[4][4] = {};
    one_pass<KIND>(sums, a, b);
    SIMT_UNROLL
    for (Word word = 0; word < sum_words; ++word) {
      Word got = sums[word / 4][word % 4];
      if (run.flip.pass == pass && run.flip.word == word) got ^= mask;
      digest = mix(digest, got);
      const Word expected = simt::load_global(run.expected + word * threads + thread);
      if (got != expected && first.count++ == 0) first = {1, pass, word, got, expected};
    }
  }
  for (unsigned other = 16; other > 0; other /= 2) digest ^= simt::shuffle_xor(digest, other);
  if (simt::lane_idx() == 0) simt::store_shared(digests + simt::warp_idx(), digest);
  // The pass, the thread and the word as one number: the least is the first.
  const Word place = first.pass << 12 | thread << 4 | first.word;
  if (first.count != 0) {
    simt::atomic_min(earliest, place);
    simt::atomic_add(all_wrong, first.count);
  }
  simt::sync_threads();
  if (thread == 0) report(run, digests, simt::load_shared(all_wrong), multiprocessor);
  if (first.count != 0 && simt::load_shared(earliest) == place) {
    BlockReport* mine = run.reports + simt::block_idx().x;
    simt::store_global(&mine->pass, first.pass);
    simt::store_global(&mine->thread, thread);
    simt::store_global(&mine->word, first.word);
    simt::store_global(&mine->got, first.got);
    simt::store_global(&mine->expected, first.expected);
  }
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::sdc
