// Fills memory with a known pattern, and reads it back. Each thread takes 16 bytes at a time, neighbours beside each
// other, four at once so that enough is under way.

#include "kernels/sdc/memory_pattern.h"
#include "kernels/simt/multiprocessor.h"
#include "kernels/simt/simt.h"

namespace kernelgate::sdc {
namespace {

using Word = std::uint32_t;

SIMT_DEVICE simt::Vec4 pattern_at(std::uint64_t place, Word seed) {
  return {pattern_word(4 * place, seed), pattern_word(4 * place + 1, seed), pattern_word(4 * place + 2, seed),
          pattern_word(4 * place + 3, seed)};
}

SIMT_KERNEL(memory_threads) void memory_fill(MemoryRun run) {
  const std::uint64_t all = std::uint64_t{simt::grid_dim().x} * memory_threads;
  for (std::uint64_t at = std::uint64_t{simt::block_idx().x} * memory_threads + simt::thread_idx().x;
       at < run.words / 4; at += all)
    simt::store_global_16(run.memory + 4 * at, pattern_at(at, run.seed));
}

/// What a thread has found.
struct Found {
  Word wrong = 0;
  Word round = ~0u, word = 0, got = 0;  ///< of the first
};

SIMT_DEVICE void compare(Found& found, const simt::Vec4& got, std::uint64_t at, Word seed, Word round) {
  const simt::Vec4 right = pattern_at(at, seed);
  if (got == right) return;
  const Word read[4] = {got.x, got.y, got.z, got.w}, expected[4] = {right.x, right.y, right.z, right.w};
  SIMT_UNROLL
  for (Word i = 0; i < 4; ++i)
    if (read[i] != expected[i] && found.wrong++ == 0) found = {found.wrong, round, i, read[i]};
}

SIMT_KERNEL(memory_threads) void memory_check(MemoryRun run) {
  auto* shared = simt::dynamic_shared<Word>();
  Word *const all_wrong = shared, *const earliest = shared + 1, *const owner = shared + 2;
  if (simt::thread_idx().x == 0) {
    simt::store_shared(all_wrong, 0u);
    simt::store_shared(earliest, ~0u);
    simt::store_shared(owner, ~0u);
  }
  const std::uint64_t all = std::uint64_t{simt::grid_dim().x} * memory_threads, places = run.words / 4;
  const std::uint64_t mine = std::uint64_t{simt::block_idx().x} * memory_threads + simt::thread_idx().x;
  constexpr int at_once = 4;
  Found found;
  std::uint64_t at = mine;
  Word round = 0;
  for (; at + (at_once - 1) * all < places; at += at_once * all, round += at_once) {
    simt::Vec4 got[at_once];
    SIMT_UNROLL
    for (int i = 0; i < at_once; ++i) got[i] = simt::load_global_16_streaming(run.memory + 4 * (at + i * all));
    SIMT_UNROLL
    for (int i = 0; i < at_once; ++i) compare(found, got[i], at + i * all, run.seed, round + i);
  }
  for (; at < places; at += all, ++round)
    compare(found, simt::load_global_16_streaming(run.memory + 4 * at), at, run.seed, round);
  simt::sync_threads();
  if (found.wrong != 0) {
    simt::atomic_add(all_wrong, found.wrong);
    simt::atomic_min(earliest, found.round);
  }
  simt::sync_threads();
  // The lowest index is the lowest round's, and of that the lowest thread's.
  if (found.wrong != 0 && simt::load_shared(earliest) == found.round)
    simt::atomic_min(owner, static_cast<Word>(simt::thread_idx().x));
  simt::sync_threads();
  MemoryReport* report = run.reports + simt::block_idx().x;
  const Word wrong = simt::load_shared(all_wrong);
  if (simt::thread_idx().x == 0) {
    simt::store_global(&report->wrong, std::uint64_t{wrong});
    simt::store_global(&report->multiprocessor, simt::multiprocessor_idx());
  }
  if (found.wrong != 0 && simt::load_shared(owner) == simt::thread_idx().x) {
    simt::store_global(&report->first, 4 * (mine + found.round * all) + found.word);
    simt::store_global(&report->got, found.got);
  }
}

template <void (*KERNEL)(MemoryRun)>
MemoryKernel kernel(const char* name) {
  return {name, [name](unsigned blocks, const MemoryRun& run, Stream stream) {
            simt::launch(KERNEL, {{blocks}, {memory_threads}, memory_shared_bytes, name}, stream, run);
          }};
}

const RegisterMemory these{simt::device_kind,
                           {kernel<memory_fill>("memory_fill"), kernel<memory_check>("memory_check")}};

}  // namespace
}  // namespace kernelgate::sdc
