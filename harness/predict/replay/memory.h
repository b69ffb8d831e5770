#pragma once
// What lies behind shared memory: L1, the way to L2, DRAM; and TMA, which brings boxes past the registers.

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "harness/predict/follow/warp_trace.h"
#include "harness/predict/model/gpu.h"
#include "harness/predict/replay/replay_options.h"
#include "harness/predict/sass/instruction.h"

namespace kernelgate::predict {

/// When lines of 64 bytes, or boxes, were first asked for. One L2 for all multiprocessors.
using FirstAsked = std::unordered_map<std::uint64_t, double>;

/// How far a warp is: when it issued each of its steps.
using Issued = std::vector<float>;

/// Of one multiprocessor. Units  cycles.
class Memory {
 public:
  Memory(const Gpu& gpu, const ReplayOptions& options, FirstAsked& first)
      : gpu_(gpu), options_(options), first_(first) {}

  /// When a load, or a copy to shared memory, has what it asked for.
  double read(const WarpTrace& trace, const Access& access, const Instruction& in, const Issued& issued, double at);
  /// When a store has left the warp.
  double write(const Access& access, double at);

  struct Box {
    double begins = 0, comes = 0;  ///< when TMA takes it up; when it is at the multiprocessor
  };
  Box load_box(const Operation& box, const Issued& issued, double at);
  /// A box arrives beside others. Returns when it is in shared memory.
  double fill(std::uint32_t bytes, double comes);
  /// Returns when a box has left shared memory.
  double store_box(const Operation& box, double at);
  /// A load from another block's shared memory.
  double read_other_shared(std::uint32_t bytes, double at);

  double written() const { return written_; }
  std::uint64_t dram_sectors = 0, l2_sectors = 0;

 private:
  double from_l2(double at);
  double from_dram(const Issued& issued, std::uint64_t sector, bool wide, double at);
  double box_from_dram(const Operation& box, const Issued& issued, double at);
  double first_asked(std::uint64_t number, const Issued& issued, double at);
  double dram_latency() const { return options_.cold ? gpu_.dram_latency : gpu_.warm_dram_latency; }

  const Gpu& gpu_;
  const ReplayOptions& options_;
  FirstAsked& first_;
  std::unordered_map<std::uint64_t, double> in_l1_;
  double l2_free_ = 0, write_free_ = 0, written_ = 0, tma_free_ = 0, dram_free_ = 0, fill_free_ = 0, other_free_ = 0;
  struct UnderWay {
    double until = 0;
    std::uint32_t bytes = 0;
  };
  std::deque<UnderWay> under_way_;
  double bytes_under_way_ = 0;
};

}  // namespace kernelgate::predict
