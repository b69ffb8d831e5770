#pragma once
// The registers of one warp, and what an instruction's operands are worth.

#include <array>
#include <cstddef>
#include <span>

#include "harness/predict/follow/lanes.h"
#include "harness/predict/sass/instruction.h"

namespace kernelgate::predict {

/// c[0][...]: what the driver puts there. The rest is unknown.
struct ConstantBank {
  std::span<const std::byte> parameters;
  unsigned parameters_at = 0;  ///< where they begin, by architecture
  std::array<std::uint32_t, 3> block{}, grid{};
  bool in_cluster = false;

  /// The upper halves of generic addresses: no allocation has such ones. Below them is an offset into c[0], or an
  /// address of the cluster's shared memory.
  static constexpr std::uint32_t constant_window = 0x7ffd0000, shared_window = 0x7ffe0000;

  /// False where it is not known.
  bool read(unsigned offset, unsigned bytes, std::uint32_t& value) const;
};

class WarpRegisters {
 public:
  /// An operand's lower 32 bits, negated or inverted as it says.
  Lanes low(const Operand&, const ConstantBank&) const;
  /// The upper 32 bits where it is a pair or a constant of 64 bits; of an immediate its sign.
  Lanes high(const Operand&, const ConstantBank&) const;
  /// So many bytes of c[0], their upper bits 0: also of an array among the parameters.
  Lanes constant(const Operand&, const ConstantBank&, unsigned bytes) const;
  PredicateLanes predicate(const Operand&) const;
  PredicateLanes guard(const Instruction&) const;

  /// Lanes of `mask` take the value; those of `unsure` become unknown.
  void write(const Operand& to, const Lanes&, std::uint32_t mask, std::uint32_t unsure = 0, int offset = 0);
  void write(const Operand& to, const PredicateLanes&, std::uint32_t mask, std::uint32_t unsure = 0);
  /// So many registers from `first` on are unknown from now on.
  void forget(int first, unsigned count, std::uint32_t mask);
  const Lanes& reg(int index) const { return registers_[static_cast<std::size_t>(index)]; }
  const Lanes& uniform_reg(int index) const { return uniform_[static_cast<std::size_t>(index)]; }
  PredicateLanes& plain_predicate(int index) { return predicates_[static_cast<std::size_t>(index)]; }

 private:
  Lanes raw(const Operand&, const ConstantBank&, int offset) const;
  Lanes constant_at(const Operand&, const ConstantBank&, unsigned at, unsigned bytes) const;

  std::array<Lanes, 256> registers_{};
  std::array<Lanes, 256> uniform_{};
  std::array<PredicateLanes, 8> predicates_{}, uniform_predicates_{};
};

}  // namespace kernelgate::predict
