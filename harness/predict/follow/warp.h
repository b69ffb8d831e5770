#pragma once
// One warp on its way through a kernel.

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "harness/predict/follow/follow_block.h"
#include "harness/predict/follow/lane_positions.h"
#include "harness/predict/follow/registers.h"
#include "harness/predict/follow/shared_contents.h"
#include "harness/predict/follow/warp_trace.h"
#include "harness/predict/sass/instruction.h"

namespace kernelgate::predict {

class Warp {
 public:
  /// `shared`: of the block, and of all of its warps.
  Warp(const SassKernel& kernel, const ConstantBank& constants, const LaunchFacts& launch, SharedContents& shared,
       std::array<std::uint32_t, 3> block_index, unsigned first_thread, unsigned threads);

  /// At a barrier of the block, or one with a number.
  struct Arrival {
    std::uint32_t number = 0;
    std::uint32_t wanted = 0;  ///< threads; 0: all
    std::uint32_t threads = 0;
    bool waits = false;
  };
  /// To a barrier that it waits at, or to the end of all its threads. Returns the arrivals on the way.
  std::vector<Arrival> run();
  std::uint32_t live_threads() const { return static_cast<std::uint32_t>(std::popcount(live_)); }
  /// At its end. Adds what it did to `counts`.
  WarpTrace finish(BlockCounts& counts);

 private:
  void execute(const Instruction& in, std::size_t index, std::uint32_t group);
  void branch(const Instruction& in, std::uint32_t taken);
  void leave(std::uint32_t lanes);
  void wait_at_barrier(int barrier, std::uint32_t lanes);
  bool special(const Instruction& in, std::uint32_t mask, std::uint32_t unsure);
  bool compare_floats(const Instruction& in, std::uint32_t mask, std::uint32_t unsure);
  bool add_in_memory(const Instruction& in, std::uint32_t mask, std::uint32_t unsure);
  bool vote_or_elect(const Instruction& in, std::uint32_t mask, std::uint32_t unsure);
  bool synchronize(const Instruction& in, std::uint32_t mask, Step& step);
  void use_mbarrier(const Instruction& in, std::uint32_t mask, Step& step);
  void use_tma(const Instruction& in, Step& step);
  void meet(const Instruction& in, std::uint32_t mask, Step& step);
  void add(Step& step, const Operation& operation);
  /// One value for all lanes that execute it. Errors  lost: they have different ones, or it is not known.
  std::uint32_t only_value(const Instruction& in, const Operand& operand, std::uint32_t mask) const;
  Lanes shared_addresses(const Operand& address) const;
  unsigned rank() const;
  Lanes special_register(const std::string& name) const;
  void access_memory(const Instruction& in, std::uint32_t mask, Step& step);
  void access_global(const Instruction& in, const Operand& address, std::uint32_t mask, unsigned width, Access& access);
  void access_shared(const Instruction& in, const Operand& address, std::uint32_t mask, unsigned width, Access& access);
  void load_shared(const Instruction& in, const Lanes& at, std::uint32_t mask, unsigned width);
  void store_shared(const Instruction& in, const Lanes& at, std::uint32_t mask, unsigned width);
  void forget_shared(std::uint32_t address, std::uint32_t bytes);
  void access_generic(const Instruction& in, std::uint32_t mask, Access& access);
  using Addresses = std::array<std::uint64_t, warp_lanes>;
  void read_tables(const Instruction& in, const Addresses& addresses, std::uint32_t mask, unsigned width);
  void note_written_tables(const Addresses& addresses, std::uint32_t mask);
  int table_of(std::uint64_t address, unsigned bytes) const;
  void count(const Instruction& in, const Access& access);
  [[noreturn]] void lost(const Instruction& in, const char* why) const;

  const SassKernel& kernel_;
  const ConstantBank& constants_;
  const LaunchFacts& launch_;
  SharedContents& shared_;
  std::array<std::uint32_t, 3> block_index_;
  unsigned first_thread_;
  WarpRegisters registers_;
  WarpTrace trace_;
  BlockCounts counts_;
  std::vector<Lanes> loaded_;  ///< what the instruction in execution read, as far as it is known
  std::vector<Arrival> arrivals_;
  std::uint32_t live_ = 0, waiting_ = 0;
  LanePositions positions_;
  struct Convergence {
    std::uint32_t members = 0, arrived = 0;
  };
  std::array<Convergence, 16> convergence_{};
};

}  // namespace kernelgate::predict
