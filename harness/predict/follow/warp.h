#pragma once
// One warp on its way through a kernel.

#include <array>
#include <cstdint>

#include "harness/predict/follow/registers.h"
#include "harness/predict/follow/warp_trace.h"
#include "harness/predict/sass/instruction.h"

namespace kernelgate::predict {

class Warp {
 public:
  Warp(const SassKernel& kernel, const ConstantBank& constants, std::array<std::uint32_t, 3> block_index,
       unsigned first_thread, unsigned threads);

  /// To the end of all its threads. Adds what it did to `counts`.
  WarpTrace follow(BlockCounts& counts);

 private:
  /// Lanes that go on together: those that are furthest behind, as the compiler lays code out.
  std::uint32_t next_group(std::size_t& at) const;
  void execute(const Instruction& in, std::size_t index, std::uint32_t group);
  void branch(const Instruction& in, std::uint32_t taken);
  void leave(std::uint32_t lanes);
  void wait_at_barrier(int barrier, std::uint32_t lanes);
  bool special(const Instruction& in, std::uint32_t mask, std::uint32_t unsure);
  Lanes special_register(const std::string& name) const;
  void access_memory(const Instruction& in, std::uint32_t mask, Step& step);
  void access_global(const Instruction& in, const Operand& address, std::uint32_t mask, unsigned width, Access& access);
  void access_shared(const Instruction& in, const Operand& address, std::uint32_t mask, unsigned width, Access& access);
  void count(const Instruction& in, const Access& access);
  [[noreturn]] void lost(const Instruction& in, const char* why) const;

  const SassKernel& kernel_;
  const ConstantBank& constants_;
  std::array<std::uint32_t, 3> block_index_;
  unsigned first_thread_;
  WarpRegisters registers_;
  WarpTrace trace_;
  BlockCounts counts_;
  std::uint32_t live_ = 0, waiting_ = 0;
  std::array<std::uint32_t, warp_lanes> at_{};
  struct Convergence {
    std::uint32_t members = 0, arrived = 0;
  };
  std::array<Convergence, 16> convergence_{};
};

}  // namespace kernelgate::predict
