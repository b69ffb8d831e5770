#pragma once
// The registers that wgmma is given, by thread: what they hold, and whether the threads kept the rules about them.
//
// An accumulator's value is kept here. While a wgmma on it is under way its registers hold poison instead, so that who
// reads them too early sees it, and who writes them is found.

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/simt/host/async_engine.h"
#include "kernels/simt/host/wgmma_multiply.h"

namespace kernelgate::simt::executor {

class Block;
struct WgmmaArguments;

/// The registers of one d, in all threads of a warpgroup.
struct WgmmaAccumulator {
  std::array<float*, warpgroup_threads> registers{};
  int columns = 0;
  std::vector<float> values;  ///< D: [64][columns]
  bool under_way = false;
  std::uint64_t group = 0;  ///< of the last wgmma on it
  Operation last;           ///< that wgmma

  /// The thread whose registers differ from what they should hold; warpgroup_threads if none does.
  unsigned first_changed() const;
  void read();
  void write() const;
  void poison() const;
};

/// The registers of one A, in all threads of a warpgroup.
struct WgmmaFragment {
  using Values = std::array<std::array<std::uint32_t, 4>, warpgroup_threads>;

  std::array<const std::uint32_t*, warpgroup_threads> registers{};
  Values values{};

  /// What the registers hold now. They may be those of a function that has returned.
  Values read() const;
};

/// A wgmma that no wait has covered.
struct WgmmaUnderWay {
  AsyncTicket ticket = 0;
  std::uint64_t group = 0;
  Operation operation;
  std::shared_ptr<WgmmaFragment> a;  ///< with the values at issue; null if A is in shared memory
};

/// What is kept for a warpgroup.
class WgmmaRegisters {
 public:
  void begin();

  /// wgmma_fence: what the registers hold now may be used.
  void fence(Block& block, unsigned warpgroup, const Operation& operation);
  /// The accumulator, or A, that a wgmma was given, once nothing is found against its use.
  ///
  /// Errors  Fault: changed since the last fence, or used for the first time with none since the last wait; d was
  /// changed
  ///         while a wgmma on it is under way, or is part of another one that is.
  WgmmaAccumulator& use_d(Block& block, unsigned warpgroup, const Operation& operation, void* const* arguments);
  std::shared_ptr<WgmmaFragment> use_a(Block& block, unsigned warpgroup, const Operation& operation,
                                       void* const* arguments);
  /// All groups before `groups` are over: what they left goes into the registers.
  ///
  /// Errors  Fault: registers of d or A were changed meanwhile.
  void wait(Block& block, unsigned warpgroup, const Operation& operation, std::uint64_t groups);

  std::vector<WgmmaUnderWay> under_way;
  std::uint64_t committed = 0;  ///< groups

 private:
  void require_unchanged(Block& block, unsigned warpgroup, const Operation& operation,
                         const WgmmaAccumulator& accumulator) const;

  std::vector<std::unique_ptr<WgmmaAccumulator>> accumulators_;
  std::vector<WgmmaFragment> fragments_;
  bool fenced_ = false;  // since the last wait
};

}  // namespace kernelgate::simt::executor
