// The control's work.

#include "harness/measure/control.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/base/process/thread_team.h"

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
  Team() : shares_(usable_threads()), threads_(shares_.size()) {}
  void round() {
    threads_.round([this](std::size_t member) { shares_[member].work(); });
  }

 private:
  std::vector<Share> shares_;
  ThreadTeam threads_;
};

Control::Control() : team_(std::make_unique<Team>()) {}

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
