#include "harness/predict/follow/arithmetic.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <span>

#include "harness/predict/follow/bits.h"
#include "harness/predict/follow/evaluation.h"

namespace kernelgate::predict {
namespace {

/// A sum of 32 bits, as most are: nobody asks for its carries.
void add3_plain(Evaluation& e) {
  Lanes sum = e.low(0);
  for (std::size_t i = 1; i < 3; ++i) {
    const Lanes term = e.low(i);
    sum.unknown |= term.unknown;
    for (unsigned l = 0; l < warp_lanes; ++l) sum.value[l] += term.value[l];
  }
  e.result(sum);
}

void add3(Evaluation& e) {
  if (e.carries_out() == 0 && !e.is(Modifier::x)) return add3_plain(e);
  std::array<std::uint64_t, warp_lanes> sum{};
  Lanes lanes;
  for (std::size_t i = 0; i < 3; ++i) {
    const Operand& plain = e.source(i);
    const bool negated = plain.negated;
    const Lanes term = e.low(i);
    lanes.unknown |= term.unknown;
    // -x is ~x + 1 in 33 bits: the carry of a subtraction is "no borrow".
    for (unsigned l = 0; l < warp_lanes; ++l)
      sum[l] +=
          negated && plain.kind != OperandKind::immediate ? std::uint64_t{~(0u - term.value[l])} + 1 : term.value[l];
  }
  if (e.is(Modifier::x))
    for (std::size_t i = 0; i < e.predicates_in(); ++i) {
      const PredicateLanes carry = e.predicate_in(i);
      lanes.unknown |= carry.unknown;
      for (unsigned l = 0; l < warp_lanes; ++l) sum[l] += carry.value >> l & 1;
    }
  std::array<PredicateLanes, 2> carries;
  for (unsigned l = 0; l < warp_lanes; ++l) {
    lanes.value[l] = static_cast<std::uint32_t>(sum[l]);
    if (sum[l] >> 32 >= 1) carries[0].value |= 1u << l;
    if (sum[l] >> 32 >= 2) carries[1].value |= 1u << l;
  }
  e.result(lanes);
  for (std::size_t i = 0; i < std::min<std::size_t>(e.carries_out(), 2); ++i)
    e.result(1 + i, {carries[i].value, lanes.unknown});
}

/// UIADD3.64: pairs of registers.
void add3_wide(Evaluation& e) {
  Lanes low, upper;
  std::array<std::uint64_t, warp_lanes> sum{};
  for (std::size_t i = 0; i < 3; ++i) {
    if (e.source(i).index == zero_register) continue;
    const Lanes term = e.low(i), above = e.high(i);
    low.unknown |= term.unknown | above.unknown;
    for (unsigned l = 0; l < warp_lanes; ++l) sum[l] += std::uint64_t{above.value[l]} << 32 | term.value[l];
  }
  for (unsigned l = 0; l < warp_lanes; ++l) {
    low.value[l] = static_cast<std::uint32_t>(sum[l]);
    upper.value[l] = static_cast<std::uint32_t>(sum[l] >> 32);
  }
  upper.unknown = low.unknown;
  e.result(low);
  e.result(upper, 1);
}

void multiply_add(Evaluation& e) {
  const Lanes a = e.low(0), b = e.low(1), c = e.low(2);
  const bool wide = e.is(Modifier::wide), high = e.is(Modifier::hi), is_signed = !e.is(Modifier::u32);
  if (!wide && !high && e.carries_out() == 0 && !e.is(Modifier::x)) {
    Lanes lanes;
    lanes.unknown = a.unknown | b.unknown | c.unknown;
    for (unsigned l = 0; l < warp_lanes; ++l) lanes.value[l] = a.value[l] * b.value[l] + c.value[l];
    return e.result(lanes);
  }
  const Lanes c_high = e.high(2);
  Lanes low, upper;
  low.unknown = a.unknown | b.unknown | c.unknown;
  PredicateLanes carry_in, carry_out;
  if (e.is(Modifier::x) && e.predicates_in() > 0) carry_in = e.predicate_in(0);
  low.unknown |= carry_in.unknown;
  if (wide || high) low.unknown |= c_high.unknown;
  for (unsigned l = 0; l < warp_lanes; ++l) {
    const std::uint64_t product = is_signed
                                      ? static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(a.value[l])} *
                                                                   static_cast<std::int32_t>(b.value[l]))
                                      : std::uint64_t{a.value[l]} * b.value[l];
    const std::uint64_t addend = wide || high ? std::uint64_t{c_high.value[l]} << 32 | c.value[l] : c.value[l];
    const std::uint64_t sum = product + addend + (carry_in.value >> l & 1);
    if (sum < product) carry_out.value |= 1u << l;
    low.value[l] = static_cast<std::uint32_t>(high ? sum >> 32 : sum);
    upper.value[l] = static_cast<std::uint32_t>(sum >> 32);
  }
  upper.unknown = low.unknown;
  e.result(low);
  if (wide) e.result(upper, 1);
  if (e.carries_out() > 0) e.result(1, {carry_out.value, low.unknown});
}

void shift_add(Evaluation& e) {
  const bool high = e.is(Modifier::hi), extended = e.is(Modifier::sx32);
  const Lanes a = e.low(0), b = e.low(1);
  const Lanes c = high && !extended ? e.low(2) : Lanes{};
  const unsigned shift = e.literal(high && !extended ? 3 : 2) & 31u;
  PredicateLanes carry_in, carry_out;
  if (e.is(Modifier::x) && e.predicates_in() > 0) carry_in = e.predicate_in(0);
  Lanes lanes;
  lanes.unknown = a.unknown | b.unknown | c.unknown | carry_in.unknown;
  for (unsigned l = 0; l < warp_lanes; ++l) {
    const std::uint32_t upper =
        extended ? static_cast<std::uint32_t>(static_cast<std::int32_t>(a.value[l]) >> 31) : c.value[l];
    const std::uint64_t shifted = (std::uint64_t{upper} << 32 | a.value[l]) << shift;
    const std::uint64_t sum = (high ? shifted >> 32 : shifted & 0xffffffffu) + b.value[l] + (carry_in.value >> l & 1);
    if (sum >> 32 != 0) carry_out.value |= 1u << l;
    lanes.value[l] = static_cast<std::uint32_t>(sum);
  }
  e.result(lanes);
  if (e.carries_out() > 0) e.result(1, {carry_out.value, lanes.unknown});
}

void shift(Evaluation& e) {
  const Lanes a = e.low(0), amount = e.low(1), c = e.low(2);
  const bool left = e.is(Modifier::l), wide = e.is(Modifier::u64) || e.is(Modifier::s64),
             is_signed = e.is(Modifier::s32) || e.is(Modifier::s64), high = e.is(Modifier::hi);
  Lanes lanes;
  lanes.unknown = a.unknown | amount.unknown | c.unknown;
  for (unsigned l = 0; l < warp_lanes; ++l) {
    const unsigned by = std::min(amount.value[l], wide ? 63u : 32u);
    const std::uint64_t pair = std::uint64_t{c.value[l]} << 32 | a.value[l];
    std::uint64_t moved = 0;
    if (left)
      moved = pair << by;
    else if (is_signed)
      moved = static_cast<std::uint64_t>(static_cast<std::int64_t>(pair) >> by);
    else
      moved = pair >> by;
    lanes.value[l] = static_cast<std::uint32_t>(high ? moved >> 32 : moved);
  }
  e.result(lanes);
}

void logic(Evaluation& e) {
  const Lanes a = e.low(0), b = e.low(1), c = e.low(2);
  const unsigned table = e.literal(3);
  Lanes lanes;
  lanes.unknown = a.unknown | b.unknown | c.unknown;
  lanes.value = look_up(table, a.value, b.value, c.value);
  e.result(lanes);
}

void add(Evaluation& e) {
  Lanes a = e.low(0);
  const Lanes b = e.low(1);
  a.unknown |= b.unknown;
  for (unsigned l = 0; l < warp_lanes; ++l) a.value[l] += b.value[l];
  e.result(a);
}

void logic_with_predicate(const Instruction& in, const ConstantBank& constants, WarpRegisters& registers,
                          std::uint32_t mask, std::uint32_t unsure) {
  const auto low = [&](std::size_t i) { return registers.low(in.operands.at(i), constants); };
  const Lanes a = low(2), b = low(3), c = low(4);
  const unsigned table = static_cast<unsigned>(in.operands.at(5).value);
  Lanes lanes;
  PredicateLanes any;
  lanes.unknown = any.unknown = a.unknown | b.unknown | c.unknown;
  lanes.value = look_up(table, a.value, b.value, c.value);
  for (unsigned l = 0; l < warp_lanes; ++l) any.value |= (lanes.value[l] != 0 ? 1u : 0u) << l;
  const PredicateLanes also = registers.predicate(in.operands.at(6));
  any.value |= also.value;
  any.unknown |= also.unknown;
  registers.write(in.operands[1], lanes, mask, unsure);
  registers.write(in.operands[0], any, mask, unsure);
}

void compare(Evaluation& e) {
  const Lanes a = e.low(0), b = e.low(1);
  const PredicateLanes with = e.predicate_in(0);
  const bool extended = e.is(Modifier::ex);
  const PredicateLanes below = extended ? e.predicate_in(1) : PredicateLanes{};
  const Comparison comparison = comparison_of(e.in());
  const bool is_signed = !e.is(Modifier::u32), joins_or = e.is(Modifier::or_), joins_xor = e.is(Modifier::xor_);
  PredicateLanes first, second;
  std::uint32_t holds = compare(comparison, a.value, b.value, is_signed);
  if (extended) {
    // The upper halves: where they are equal, what the lower ones gave.
    const std::uint32_t equal = compare(Comparison::eq, a.value, b.value, false);
    holds = (holds & ~equal) | (below.value & equal);
  }
  const auto join = [&](std::uint32_t one) {
    return joins_or ? one | with.value : joins_xor ? one ^ with.value : one & with.value;
  };
  first.value = join(holds);
  second.value = join(~holds);
  first.unknown = a.unknown | b.unknown | below.unknown;
  // False and anything is false, true or anything is true.
  const std::uint32_t settled = ~with.unknown & (joins_or ? with.value : joins_xor ? 0u : ~with.value);
  first.unknown = (first.unknown | with.unknown) & ~settled;
  second.unknown = first.unknown;
  e.result(0, first);
  e.result(1, second);
}

void select(Evaluation& e) {
  const Lanes a = e.low(0), b = e.low(1);
  const PredicateLanes first = e.predicate_in(0);
  Lanes lanes;
  for (unsigned l = 0; l < warp_lanes; ++l) lanes.value[l] = (first.value >> l & 1) != 0 ? a.value[l] : b.value[l];
  lanes.unknown = first.unknown | (first.value & a.unknown) | (~first.value & b.unknown);
  e.result(lanes);
}

/// The smallest of some operands; the largest where the last predicate is false.
void extreme_of(Evaluation& e, std::initializer_list<Lanes> operands) {
  const PredicateLanes smallest = e.predicate_in(0);
  const bool is_signed = !e.is(Modifier::u32);
  Lanes found = *operands.begin();
  found.unknown |= smallest.unknown;
  for (const Lanes& other : std::span(operands).subspan(1)) {
    found.unknown |= other.unknown;
    for (unsigned l = 0; l < warp_lanes; ++l)
      if (compare(Comparison::lt, other.value[l], found.value[l], is_signed) == ((smallest.value >> l & 1) != 0))
        found.value[l] = other.value[l];
  }
  for (std::uint32_t& value : found.value)
    if (e.is(Modifier::relu) && static_cast<std::int32_t>(value) < 0) value = 0;
  e.result(found);
}

Lanes sum_of(Lanes a, const Lanes& b) {
  a.unknown |= b.unknown;
  for (unsigned l = 0; l < warp_lanes; ++l) a.value[l] += b.value[l];
  return a;
}

template <class F>
void of_one(Evaluation& e, F function) {
  Lanes lanes = e.low(0);
  for (std::uint32_t& value : lanes.value) value = function(value);
  e.result(lanes);
}

void permute(Evaluation& e) {
  const Lanes a = e.low(0), selector = e.low(1), c = e.low(2);
  Lanes lanes;
  lanes.unknown = a.unknown | selector.unknown | c.unknown;
  for (unsigned l = 0; l < warp_lanes; ++l) lanes.value[l] = permute_bytes(a.value[l], selector.value[l], c.value[l]);
  e.result(lanes);
}

void to_float(Evaluation& e) {
  Lanes lanes = e.low(0);
  if (e.is(Modifier::u64)) lanes.unknown |= e.high(0).unknown;
  const Lanes upper = e.is(Modifier::u64) ? e.high(0) : Lanes{};
  for (unsigned l = 0; l < warp_lanes; ++l) {
    const std::uint64_t bits = std::uint64_t{upper.value[l]} << 32 | lanes.value[l];
    const bool is_signed = !e.is(Modifier::u32) && !e.is(Modifier::u64);
    const double value = is_signed ? static_cast<std::int32_t>(lanes.value[l]) : static_cast<double>(bits);
    lanes.value[l] = bits_of(rounded_up(value));
  }
  e.result(lanes);
}

void to_integer(Evaluation& e) {
  Lanes lanes = e.low(0), upper;
  for (unsigned l = 0; l < warp_lanes; ++l) {
    const double value = std::clamp<double>(float_of(lanes.value[l]), 0, e.is(Modifier::u64) ? 1.8e19 : 4294967295.0);
    const auto integer = static_cast<std::uint64_t>(std::isnan(value) ? 0 : value);
    lanes.value[l] = static_cast<std::uint32_t>(integer);
    upper.value[l] = static_cast<std::uint32_t>(integer >> 32);
  }
  upper.unknown = lanes.unknown;
  e.result(lanes);
  if (e.is(Modifier::u64)) e.result(upper, 1);
}

void load_constant(Evaluation& e) {
  const bool byte = e.is(Modifier::u8) || e.is(Modifier::s8), half = e.is(Modifier::u16) || e.is(Modifier::s16);
  if (e.source(0).kind != OperandKind::constant || !(byte || half)) {
    e.result(e.low(0));
    if (e.is(Modifier::w64)) e.result(e.high(0), 1);
    return;
  }
  Lanes lanes = e.constant(0, byte ? 1 : 2);
  const std::uint32_t sign = e.is(Modifier::s8) ? 1u << 7 : e.is(Modifier::s16) ? 1u << 15 : 0;
  for (std::uint32_t& value : lanes.value) value = (value ^ sign) - sign;
  e.result(lanes);
}

/// HFMA2.MMA R2, -RZ, RZ, 0, 5.96e-08 is how the compiler writes 1 where that pipe is idle.
bool constant_by_halves(Evaluation& e) {
  const std::vector<Operand>& o = e.in().operands;
  if (o.size() != 5 || o[1].index != zero_register || o[2].index != zero_register) return false;
  e.result(Lanes::of(static_cast<std::uint32_t>(half_bits(o[3].number)) << 16 | half_bits(o[4].number)));
  return true;
}

}  // namespace

int result_registers(const Instruction& in) {
  if (in.operands.empty()) return 0;
  if (in.operands[0].kind != OperandKind::reg) return 1;
  if (in.op == Opcode::hmma) return 4;
  if (in.op == Opcode::hgmma) return 0;
  if (in.op == Opcode::ldsm) return in.has(Modifier::four) ? 4 : in.has(Modifier::two) ? 2 : 1;
  if (in.has(Modifier::w128)) return 4;
  return in.has(Modifier::w64) || in.has(Modifier::wide) || in.op == Opcode::cs2r || in.has(Modifier::u64) ? 2 : 1;
}

bool compute(const Instruction& in, const ConstantBank& constants, WarpRegisters& registers, std::uint32_t mask,
             std::uint32_t unsure) {
  Evaluation e(in, constants, registers, mask, unsure);
  switch (in.op) {
    case Opcode::iadd3:
      return e.is(Modifier::w64) ? add3_wide(e) : add3(e), true;
    case Opcode::imad:
      return multiply_add(e), true;
    case Opcode::lea:
      return shift_add(e), true;
    case Opcode::shf:
      return shift(e), true;
    case Opcode::lop3:
      if (in.operands.at(0).kind == OperandKind::reg || in.operands.at(0).kind == OperandKind::uniform_reg)
        logic(e);
      else
        logic_with_predicate(in, constants, registers, mask, unsure);
      return true;
    case Opcode::isetp:
      return compare(e), true;
    case Opcode::sel:
      return select(e), true;
    case Opcode::imnmx:
      return extreme_of(e, {e.low(0), e.low(1)}), true;
    case Opcode::vimnmx3:
      return extreme_of(e, {e.low(0), e.low(1), e.low(2)}), true;
    case Opcode::viaddmnmx:
      return extreme_of(e, {sum_of(e.low(0), e.low(1)), e.low(2)}), true;
    case Opcode::viadd:
      return add(e), true;
    case Opcode::prmt:
      return permute(e), true;
    case Opcode::i2f:
      return to_float(e), true;
    case Opcode::f2i:
      return to_integer(e), true;
    case Opcode::mov:
      return e.result(e.low(0)), true;
    case Opcode::iabs:
      of_one(e, [](std::uint32_t x) { return static_cast<std::int32_t>(x) < 0 ? 0u - x : x; });
      return true;
    case Opcode::ldc:
      return load_constant(e), true;
    case Opcode::hfma2:
      return constant_by_halves(e);
    case Opcode::mufu:
      if (!in.has(Modifier::rcp)) return false;
      of_one(e, [](std::uint32_t x) { return bits_of(1.0f / float_of(x)); });
      return true;
    default:
      return false;
  }
}

}  // namespace kernelgate::predict
