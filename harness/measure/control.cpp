// The control's work, and the threads that do it.

#include "harness/measure/control.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace kernelgate {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int steps = 30000;  // some 4 cycles each: 40 µs at 3 GHz
constexpr int passes = 4;     // some 10 µs each where the second-level cache holds it
constexpr std::size_t words = (256 * 1024) / sizeof(std::uint64_t);
constexpr std::size_t words_a_line = 64 / sizeof(std::uint64_t);

/// One thread's share. Written so that another compiler makes no other work of it, for a control that moves
/// with the compiler would hide what the compiler did to the kernels: each step needs the one before, and
/// the accesses are volatile, which also keeps the result from being optimised away.
class Share {
 public:
  void work() {
    std::uint64_t x = state_;
    for (int i = 0; i < steps; ++i) x = x * 6364136223846793005u + 1442695040888963407u;  // Knuth's MMIX generator
    volatile std::uint64_t* memory = memory_.data();
    for (int pass = 0; pass < passes; ++pass)
      for (std::size_t i = 0; i < words; i += words_a_line) memory[i] = memory[i] + x;
    state_ = x;
    memory[0] = x;
  }

 private:
  std::uint64_t state_ = 1;
  std::vector<std::uint64_t> memory_ = std::vector<std::uint64_t>(words);
};

}  // namespace

class Control::Team {
 public:
  /// The caller is one of the team.
  explicit Team(std::size_t size) : shares_(size) {
    try {
      for (std::size_t i = 1; i < size; ++i) threads_.emplace_back([this, i] { serve(shares_[i]); });
    } catch (...) {
      stop();
      throw;
    }
  }
  ~Team() { stop(); }

  void round() {
    {
      const std::lock_guard lock(mutex_);
      ++generation_;
      working_ = threads_.size();
    }
    start_.notify_all();
    shares_.front().work();
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return working_ == 0; });
  }

 private:
  void serve(Share& share) {
    std::uint64_t seen = 0;
    while (true) {
      {
        std::unique_lock lock(mutex_);
        start_.wait(lock, [&] { return stopping_ || generation_ != seen; });
        if (stopping_) return;
        seen = generation_;
      }
      share.work();
      const std::lock_guard lock(mutex_);
      if (--working_ == 0) done_.notify_one();
    }
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    start_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  std::mutex mutex_;
  std::condition_variable start_, done_;
  std::uint64_t generation_ = 0;
  std::size_t working_ = 0;
  bool stopping_ = false;
  std::vector<Share> shares_;
  std::vector<std::thread> threads_;
};

// glibc's count is of the cores in the process's affinity mask.
Control::Control() : team_(std::make_unique<Team>(std::max(1u, std::thread::hardware_concurrency()))) {}

Control::~Control() = default;

double Control::time() {
  // A first round untimed: it brings the memory back into the caches, which hold what the case left there, and
  // lets other libraries' threads, which spin a while after their work, be displaced. So the control does not
  // depend on the code under measurement.
  team_->round();
  const auto begin = Clock::now();
  team_->round();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

}  // namespace kernelgate
