// The control kernels of a CPU. Frozen: see controls.h.
//
// Written so that compilers have no choice in what matters: each step of the chain needs the one before, the vector
// work is in intrinsics with its operands in registers, and the copy is the C library's.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "harness/base/process/thread_team.h"
#include "harness/measure/controls.h"

namespace kernelgate {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

// Knuth's MMIX generator: some 4 cycles a step, 0.1 ms at 3 GHz.
constexpr std::uint64_t multiplier = 6364136223846793005u, increment = 1442695040888963407u;
constexpr int chain_steps = 80000;

std::uint64_t chain(std::uint64_t x) {
  for (int i = 0; i < chain_steps; ++i) x = x * multiplier + increment;
  return x;
}

/// Where the chain ends, by squaring the step instead of repeating it.
std::uint64_t end_of_chain(std::uint64_t x) {
  std::uint64_t scale = multiplier, shift = increment;
  for (int left = chain_steps; left > 0; left /= 2) {
    if (left % 2 == 1) x = x * scale + shift;
    shift = shift * scale + shift;
    scale = scale * scale;
  }
  return x;
}

// 10 sums in flight hide the latency of two units of 4 or 5 cycles: 5 cycles a step, 0.1 ms at 3 GHz.
constexpr int vector_steps = 60000;
constexpr int sums = 10, lanes = 8;

/// One thread's: sum = sum * factor + term, which tends to term / (1 - factor).
struct VectorWork {
  alignas(32) float factor[lanes], term[lanes], sum[sums * lanes];
};

void multiply_add_plain(VectorWork& work) {
  for (int step = 0; step < vector_steps; ++step)
    for (int i = 0; i < sums * lanes; ++i) work.sum[i] = work.sum[i] * work.factor[i % lanes] + work.term[i % lanes];
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) void multiply_add_fused(VectorWork& work) {
  const __m256 factor = _mm256_load_ps(work.factor), term = _mm256_load_ps(work.term);
  __m256 sum[sums];
#pragma GCC unroll 10
  for (int i = 0; i < sums; ++i) sum[i] = _mm256_load_ps(work.sum + i * lanes);
  for (int step = 0; step < vector_steps; ++step) {
#pragma GCC unroll 10
    for (int i = 0; i < sums; ++i) sum[i] = _mm256_fmadd_ps(sum[i], factor, term);
  }
#pragma GCC unroll 10
  for (int i = 0; i < sums; ++i) _mm256_store_ps(work.sum + i * lanes, sum[i]);
}
#endif

void multiply_add(VectorWork& work) {
#if defined(__x86_64__)
  static const bool fused = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (fused) return multiply_add_fused(work);
#endif
  multiply_add_plain(work);
}

constexpr std::size_t copy_bytes = std::size_t{4} << 20;
constexpr std::size_t cache_line = 64;

/// Out of every cache, so that a small copy is one of DRAM, however large a last-level cache is. Where lines can't be
/// flushed the copy is of what the caches left.
void flush([[maybe_unused]] const std::byte* begin, [[maybe_unused]] std::size_t bytes) {
#if defined(__x86_64__)
  for (std::size_t i = 0; i < bytes; i += cache_line) _mm_clflush(begin + i);
  _mm_mfence();
#endif
}

constexpr int launches = 20;  // a sample is their mean: one takes some 10 µs

/// Random bits with a fixed seed. Zeros would draw less power, and a page never written is no memory.
class Random {
 public:
  std::uint64_t bits() { return state_ = (state_ ^ (state_ >> 29)) * multiplier + increment; }
  float between(float low, float high) {
    return low + (high - low) * static_cast<float>(bits() >> 40) / static_cast<float>(1 << 24);
  }

 private:
  std::uint64_t state_ = 20;
};

[[noreturn]] void wrong(ControlKernel kernel, const std::string& what) {
  throw HarnessError(ExitCode::wrong, fmt::format("the control {} {}: this machine computes wrongly; test its memory "
                                                  "and cores before anything else",
                                                  to_string(kernel), what));
}

class CpuControls final : public Controls {
 public:
  CpuControls()
      : team_(usable_threads()),
        vectors_(team_.size()),
        from_(copy_bytes / sizeof(std::uint64_t)),
        to_(copy_bytes / sizeof(std::uint64_t)) {
    Random random;
    for (VectorWork& work : vectors_) {
      for (float& x : work.factor) x = random.between(-0.99f, 0.99f);
      for (float& x : work.term) x = random.between(-1, 1);
      for (float& x : work.sum) x = random.between(-1, 1);
    }
    for (std::uint64_t& word : from_) word = random.bits();
    for (std::uint64_t& word : to_) word = random.bits();
  }

  ControlWork work(ControlKernel kernel) const override {
    const double multiply_adds = 1.0 * vector_steps * sums * lanes * static_cast<double>(vectors_.size());
    if (kernel == ControlKernel::tensor_core) return {.flop = 2 * multiply_adds};
    return kernel == ControlKernel::dram_copy ? ControlWork{.bytes = 2.0 * copy_bytes} : ControlWork{};
  }

  double time(ControlKernel kernel) override {
    switch (kernel) {
      case ControlKernel::alu:
        return time_chain();
      case ControlKernel::tensor_core:
        return time_vectors();
      case ControlKernel::dram_copy:
        return time_copy();
      case ControlKernel::launch:
        return time_launches();
    }
    return 0;
  }

  void verify() override {
    const std::uint64_t begin = chain_state_;
    time_chain();
    if (chain_state_ != end_of_chain(begin)) wrong(ControlKernel::alu, "ended elsewhere than it must");
    time_vectors();
    for (const VectorWork& work : vectors_)
      for (int i = 0; i < sums * lanes; ++i) {
        const double limit = work.term[i % lanes] / (1.0 - work.factor[i % lanes]);
        if (!(std::abs(work.sum[i] - limit) <= 1e-4 * std::abs(limit) + 1e-6))
          wrong(ControlKernel::tensor_core, fmt::format("came to {} instead of {}", work.sum[i], limit));
      }
    std::ranges::fill(to_, 0);
    time_copy();
    if (to_ != from_) wrong(ControlKernel::dram_copy, "left another copy than its original");
    time_launches();
    if (woken_ != static_cast<std::int64_t>(launches * team_.size()))
      wrong(ControlKernel::launch, fmt::format("woke {} threads instead of {}", woken_, launches * team_.size()));
  }

 private:
  double time_chain() {
    const auto begin = Clock::now();
    chain_state_ = chain(chain_state_);
    return seconds_since(begin);
  }

  double time_vectors() {
    const auto begin = Clock::now();
    team_.round([this](std::size_t member) { multiply_add(vectors_[member]); });
    return seconds_since(begin);
  }

  double time_copy() {
    const auto share = [this](std::size_t member) {
      const std::size_t lines = copy_bytes / cache_line, size = team_.size();
      const std::size_t first = lines * member / size * cache_line, end = lines * (member + 1) / size * cache_line;
      return std::pair(first, end - first);
    };
    auto* const from = reinterpret_cast<std::byte*>(from_.data());
    auto* const to = reinterpret_cast<std::byte*>(to_.data());
    team_.round([&](std::size_t member) {
      const auto [first, bytes] = share(member);
      flush(from + first, bytes);
      flush(to + first, bytes);
    });
    const auto begin = Clock::now();
    team_.round([&](std::size_t member) {
      const auto [first, bytes] = share(member);
      std::memcpy(to + first, from + first, bytes);
    });
    return seconds_since(begin);
  }

  double time_launches() {
    std::vector<std::int64_t> woken(team_.size() * words_a_line_);
    const auto begin = Clock::now();
    for (int i = 0; i < launches; ++i) team_.round([&](std::size_t member) { ++woken[member * words_a_line_]; });
    const double seconds = seconds_since(begin) / launches;
    woken_ = 0;
    for (std::int64_t count : woken) woken_ += count;
    return seconds;
  }

  static constexpr std::size_t words_a_line_ = cache_line / sizeof(std::int64_t);  // threads share no cache line
  ThreadTeam team_;
  std::uint64_t chain_state_ = 1;
  std::vector<VectorWork> vectors_;
  std::vector<std::uint64_t> from_, to_;
  std::int64_t woken_ = 0;
};

}  // namespace

std::unique_ptr<Controls> cpu_controls() { return std::make_unique<CpuControls>(); }

}  // namespace kernelgate
