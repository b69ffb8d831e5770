#include "harness/predict/follow/registers.h"

#include <cstring>

namespace kernelgate::predict {
namespace {

constexpr unsigned sm90_parameters = 0x210;

// 7 is PT: true, whatever was written.
PredicateLanes of(const std::array<PredicateLanes, 8>& all, int index, bool negated) {
  PredicateLanes lanes = index == true_predicate ? PredicateLanes{all_lanes, 0} : all[static_cast<std::size_t>(index)];
  if (negated) lanes.value = ~lanes.value;
  return lanes;
}

}  // namespace

bool ConstantBank::read(unsigned offset, unsigned bytes, std::uint32_t& value) const {
  value = 0;
  if (offset >= parameters_at && offset + bytes <= parameters_at + parameters.size()) {
    std::memcpy(&value, parameters.data() + (offset - parameters_at), bytes);
    return true;
  }
  if (offset >= parameters_at)
    return offset < parameters_at + 4096 && bytes == 4 && offset >= parameters_at + parameters.size();
  // Source  nvcc 13.0's code for sm_90: whether there are clusters, and where the parameters are as generic addresses.
  if (parameters_at >= sm90_parameters && bytes == 4) {
    if (offset == 0x140) return value = in_cluster ? 1 : 0, true;
    if (offset == 0x198 || offset == 0x19c) return value = offset == 0x198 ? sm90_parameters : constant_window, true;
  }
  if (offset < 24 && offset % 4 == 0 && bytes == 4) {
    value = offset < 12 ? block[offset / 4] : grid[offset / 4 - 3];
    return true;
  }
  return false;
}

Lanes WarpRegisters::raw(const Operand& operand, const ConstantBank& constants, int offset) const {
  switch (operand.kind) {
    case OperandKind::reg:
      return operand.index == zero_register
                 ? Lanes{}
                 : registers_[static_cast<std::size_t>(operand.index) + static_cast<std::size_t>(offset)];
    case OperandKind::uniform_reg:
      return operand.index == zero_register
                 ? Lanes{}
                 : uniform_[static_cast<std::size_t>(operand.index) + static_cast<std::size_t>(offset)];
    case OperandKind::immediate:
      if (operand.is_decimal && operand.number != 0) return Lanes::nothing_known();  // a float
      return Lanes::of(offset == 0 ? static_cast<std::uint32_t>(operand.value)
                                   : static_cast<std::uint32_t>(operand.value >> 63));
    case OperandKind::constant: {
      return constant_at(operand, constants, static_cast<unsigned>(operand.value) + 4 * static_cast<unsigned>(offset),
                         4);
    }
    default:
      return Lanes::nothing_known();
  }
}

Lanes WarpRegisters::constant(const Operand& operand, const ConstantBank& constants, unsigned bytes) const {
  return constant_at(operand, constants, static_cast<unsigned>(operand.value), bytes);
}

/// c[0x0][R8+0x52c]: an element of an array among the parameters.
Lanes WarpRegisters::constant_at(const Operand& operand, const ConstantBank& constants, unsigned at,
                                 unsigned bytes) const {
  const bool plain = operand.index >= 0, uniform = operand.uniform_index >= 0;
  if (operand.bank != 0) return Lanes::nothing_known();
  if (!plain && !uniform) {
    std::uint32_t value = 0;
    return constants.read(at, bytes, value) ? Lanes::of(value) : Lanes::nothing_known();
  }
  if ((plain && uniform) || operand.scale != 1) return Lanes::nothing_known();
  const int number = plain ? operand.index : operand.uniform_index;
  const Lanes zero{};
  const Lanes& index = number == zero_register ? zero : plain ? reg(number) : uniform_reg(number);
  Lanes lanes;
  lanes.unknown = index.unknown;
  for (unsigned l = 0; l < warp_lanes; ++l)
    if ((lanes.unknown >> l & 1) == 0 && !constants.read(at + index.value[l], bytes, lanes.value[l]))
      lanes.unknown |= 1u << l;
  return lanes;
}

Lanes WarpRegisters::low(const Operand& operand, const ConstantBank& constants) const {
  Lanes lanes = raw(operand, constants, 0);
  if (operand.negated)
    for (std::uint32_t& value : lanes.value) value = 0u - value;
  if (operand.inverted)
    for (std::uint32_t& value : lanes.value) value = ~value;
  return lanes;
}

Lanes WarpRegisters::high(const Operand& operand, const ConstantBank& constants) const {
  Lanes lanes = raw(operand, constants, 1);
  if (operand.kind == OperandKind::reg || operand.kind == OperandKind::uniform_reg)
    lanes.unknown |= raw(operand, constants, 0).unknown;
  if (operand.negated) {
    const Lanes below = raw(operand, constants, 0);
    for (unsigned i = 0; i < warp_lanes; ++i) lanes.value[i] = ~lanes.value[i] + (below.value[i] == 0 ? 1u : 0u);
  }
  return lanes;
}

PredicateLanes WarpRegisters::predicate(const Operand& operand) const {
  const bool uniform = operand.kind == OperandKind::uniform_predicate;
  return of(uniform ? uniform_predicates_ : predicates_, operand.index, operand.negated);
}

PredicateLanes WarpRegisters::guard(const Instruction& instruction) const {
  return of(instruction.guard_uniform ? uniform_predicates_ : predicates_, instruction.guard,
            instruction.guard_negated);
}

void WarpRegisters::write(const Operand& to, const Lanes& lanes, std::uint32_t mask, std::uint32_t unsure, int offset) {
  if (to.index == zero_register || to.index < 0) return;
  const bool uniform = to.kind == OperandKind::uniform_reg;
  if (uniform && mask != 0) mask = all_lanes;
  Lanes& at = (uniform ? uniform_ : registers_)[static_cast<std::size_t>(to.index) + static_cast<std::size_t>(offset)];
  if (mask == all_lanes)
    at.value = lanes.value;
  else
    for (unsigned i = 0; i < warp_lanes; ++i)
      if ((mask >> i & 1) != 0) at.value[i] = lanes.value[i];
  at.unknown = (at.unknown & ~mask) | (lanes.unknown & mask) | unsure;
}

void WarpRegisters::write(const Operand& to, const PredicateLanes& lanes, std::uint32_t mask, std::uint32_t unsure) {
  if (to.index == true_predicate || to.index < 0) return;
  const bool uniform = to.kind == OperandKind::uniform_predicate;
  if (uniform && mask != 0) mask = all_lanes;
  PredicateLanes& at = (uniform ? uniform_predicates_ : predicates_)[static_cast<std::size_t>(to.index)];
  at.value = (at.value & ~mask) | (lanes.value & mask);
  at.unknown = (at.unknown & ~mask) | (lanes.unknown & mask) | unsure;
}

void WarpRegisters::forget(int first, unsigned count, std::uint32_t mask) {
  if (first == zero_register || first < 0) return;
  for (unsigned i = 0; i < count; ++i) registers_.at(static_cast<std::size_t>(first) + i).unknown |= mask;
}

}  // namespace kernelgate::predict
