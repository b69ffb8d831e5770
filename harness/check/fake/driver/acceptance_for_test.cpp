// The kernels of kernels/sdc on the made-up GPUs. What is right the host says in the kernel's parameters: that the
// kernels compute it is proved on the host executor. Here a multiprocessor gets it wrong.
//
//   flip_every = 1000         one launch of so many has a flipped bit
//   flip_multiprocessor = 41  on this multiprocessor
//   memory_wrong = 4096       this word reads otherwise than it was written
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "harness/check/fake/driver/gpu_work.h"
#include "harness/check/fake/driver/kernels.h"
#include "harness/check/fake/driver/settings.h"
#include "kernels/sdc/digest.h"
#include "kernels/sdc/memory_pattern.h"
#include "kernels/sdc/sdc.h"

namespace kernelgate::fake {
namespace {

using sdc::Word;

/// As the kernels make it, with one word of one pass changed by `flip`.
Word digest_of(const sdc::Run& run, const sdc::Flip& flip) {
  Word block = 0;
  for (Word warp = 0; warp < sdc::threads / 32; ++warp) {
    Word digest = 0;
    for (Word thread = 32 * warp; thread < 32 * (warp + 1); ++thread) {
      Word mine = sdc::first_digest(thread);
      for (Word pass = 0; pass < run.passes; ++pass)
        for (Word word = 0; word < sdc::sum_words; ++word) {
          const bool here = flip.mask != 0 && flip.pass == pass && flip.thread == thread && flip.word == word;
          mine = sdc::mix(mine, run.expected[word * sdc::threads + thread] ^ (here ? flip.mask : 0));
        }
      digest ^= mine;
    }
    block = sdc::mix(block, digest);
  }
  return block;
}

std::int64_t number(const char* key, std::int64_t otherwise) {
  std::int64_t value = 0;
  return number_of(current_gpu(), key, value) ? value : otherwise;
}

/// A fault of its own, in some launches.
sdc::Flip own_fault() {
  static std::map<int, std::int64_t> launches;
  const std::int64_t every = number("flip_every", 0);
  if (every == 0 || ++launches[current_gpu()] % every != 0) return {};
  return {static_cast<Word>(number("flip_multiprocessor", 41)), 1, 100, 3, 1u << 9};
}

void products(const sdc::Run& run, unsigned blocks) {
  static std::map<std::pair<const Word*, Word>, Word> right;
  const auto known = right.find({run.expected, run.passes});
  const Word digest =
      known != right.end() ? known->second : right[{run.expected, run.passes}] = digest_of(run, sdc::Flip{});
  const sdc::Flip planted = run.flip, own = own_fault();
  const auto multiprocessors = static_cast<unsigned>(number("sm_count", 132));
  for (unsigned block = 0; block < blocks; ++block) {
    const Word multiprocessor = block % multiprocessors;
    sdc::BlockReport& report = run.reports[block];
    report.multiprocessor = multiprocessor;
    report.digest = digest;
    report.wrong = 0;
    for (const sdc::Flip& flip : {planted, own}) {
      if (flip.mask == 0 || flip.multiprocessor != multiprocessor) continue;
      const Word expected = run.expected[flip.word * sdc::threads + flip.thread];
      report = {multiprocessor, digest_of(run, flip), 1,       flip.pass, flip.thread,
                flip.word,      expected ^ flip.mask, expected};
    }
  }
  take(sdc::flop_of(sdc::Kind::f16, blocks, run.passes) / (1e12 * static_cast<double>(number("tflops", 800))));
}

void fill(const sdc::MemoryRun& run) {
  for (std::uint64_t i = 0; i < run.words; ++i) run.memory[i] = sdc::pattern_word(i, run.seed);
  if (const std::int64_t wrong = number("memory_wrong", -1); wrong >= 0) run.memory[wrong] ^= 1u << 17;
}

void check(const sdc::MemoryRun& run, unsigned blocks) {
  for (unsigned block = 0; block < blocks; ++block) run.reports[block] = {0, ~0ull, 0, block};
  for (std::uint64_t i = 0; i < run.words; ++i) {
    if (run.memory[i] == sdc::pattern_word(i, run.seed)) continue;
    sdc::MemoryReport& report = run.reports[i / 4 / sdc::memory_threads % blocks];
    if (report.wrong++ == 0) report.first = i, report.got = run.memory[i];
  }
  take_copy(4 * run.words, Way::own_memory);
}

}  // namespace

bool run_acceptance_kernel(const std::string& name, unsigned blocks, void** parameters) {
  const auto is = [&](const char* part) { return name.find(part) != std::string::npos; };
  if (is("memory_fill"))
    fill(*static_cast<const sdc::MemoryRun*>(parameters[0]));
  else if (is("memory_check"))
    check(*static_cast<const sdc::MemoryRun*>(parameters[0]), blocks);
  else if (is("sdc_"))
    products(*static_cast<const sdc::Run*>(parameters[0]), blocks);
  else
    return false;
  return true;
}

}  // namespace kernelgate::fake
