// Instructions that know who the warp is, or that move predicates and whole warps about.

#include <bit>
#include <cmath>
#include <utility>

#include "harness/predict/follow/bits.h"
#include "harness/predict/follow/warp.h"

namespace kernelgate::predict {

Lanes Warp::special_register(const std::string& name) const {
  if (name == "SRZ") return {};
  if (name == "SR_CgaCtaId") return Lanes::of(rank());
  if (name == "SR_SWINHI") return Lanes::of(ConstantBank::shared_window);
  if (name.starts_with("SR_CTAID.")) return Lanes::of(block_index_[static_cast<std::size_t>(name.back() - 'X')]);
  const bool of_thread = name.starts_with("SR_TID.");
  if (!of_thread && name != "SR_LANEID") return Lanes::nothing_known();
  Lanes lanes;
  const std::uint32_t x = constants_.block[0], y = constants_.block[1];
  const char axis = of_thread ? name.back() : ' ';
  for (unsigned l = 0; l < warp_lanes; ++l) {
    const std::uint32_t thread = first_thread_ + l;
    lanes.value[l] = axis == 'X' ? thread % x : axis == 'Y' ? thread / x % y : axis == 'Z' ? thread / x / y : l;
  }
  return lanes;
}

/// Of two floats that are known: parameters, and what tables hold. "NEU" is true where one is no number.
bool Warp::compare_floats(const Instruction& in, std::uint32_t mask, std::uint32_t unsure) {
  const std::vector<Operand>& o = in.operands;
  const bool follows = in.op == Opcode::fsetp && o.size() == 5 && in.opcode.find("XOR") == std::string::npos &&
                       o[2].text.find('|') == std::string::npos && o[3].text.find('|') == std::string::npos;
  if (!follows) return false;
  const auto floats = [&](Operand operand, std::uint32_t& unknown) {
    const bool negated = std::exchange(operand.negated, false), fraction = operand.is_decimal;
    const Lanes lanes = registers_.low(operand, constants_);
    if (!fraction) unknown |= lanes.unknown;
    std::array<float, warp_lanes> values{};
    for (unsigned l = 0; l < warp_lanes; ++l)
      values[l] = (fraction ? static_cast<float>(operand.number) : float_of(lanes.value[l])) * (negated ? -1.0f : 1.0f);
    return values;
  };
  PredicateLanes with = registers_.predicate(o[4]), first, second;
  first.unknown = with.unknown;
  const auto a = floats(o[2], first.unknown), b = floats(o[3], first.unknown);
  const std::string how = in.opcode.substr(6, in.opcode.find('.', 6) - 6);
  if (how.starts_with("NU") || how.starts_with("NA")) return false;
  const bool joins_or = in.opcode.find(".OR") != std::string::npos;
  for (unsigned l = 0; l < warp_lanes; ++l) {
    const bool ordered = !std::isnan(a[l]) && !std::isnan(b[l]);
    const bool holds = how.starts_with("NE")   ? a[l] != b[l]
                       : how.starts_with("EQ") ? a[l] == b[l]
                       : how.starts_with("LT") ? a[l] < b[l]
                       : how.starts_with("LE") ? a[l] <= b[l]
                       : how.starts_with("GT") ? a[l] > b[l]
                                               : a[l] >= b[l];
    const bool is = how.ends_with('U') ? holds || !ordered : holds && ordered;
    const bool other = (with.value >> l & 1) != 0;
    if (joins_or ? is || other : is && other) first.value |= 1u << l;
    if (joins_or ? !is || other : !is && other) second.value |= 1u << l;
  }
  second.unknown = first.unknown;
  registers_.write(o[0], first, mask, unsure);
  registers_.write(o[1], second, mask, unsure);
  return true;
}

bool Warp::vote_or_elect(const Instruction& in, std::uint32_t mask, std::uint32_t unsure) {
  if (in.op == Opcode::elect) {
    if (mask != 0) registers_.write(in.operands[0], PredicateLanes{mask & (0u - mask), 0}, mask, unsure);
    return true;
  }
  if (in.op != Opcode::vote || !in.has(Modifier::any) || in.operands[0].kind != OperandKind::uniform_predicate)
    return false;
  const PredicateLanes asked = registers_.predicate(in.operands.back());
  const bool is = (asked.value & ~asked.unknown & mask) != 0, known = is || (asked.unknown & mask) == 0;
  registers_.write(in.operands[0], PredicateLanes{is ? all_lanes : 0, known ? 0 : all_lanes}, mask, unsure);
  return true;
}

/// "ATOMG.E.INC.STRONG.GPU PT, R10, desc[UR10][R2.64], R9": R10 is what was there.
bool Warp::add_in_memory(const Instruction& in, std::uint32_t mask, std::uint32_t unsure) {
  if ((in.op != Opcode::red && in.op != Opcode::other) || !in.opcode.starts_with("ATOM")) return false;
  if (in.opcode.starts_with("ATOMS")) shared_.forget_all();
  const std::vector<Operand>& o = in.operands;
  if (o.size() < 2 || o[1].kind != OperandKind::reg) lost(in, "an atomic operation of a form that is not known");
  const Lanes limit = registers_.low(o.back(), constants_);
  const bool arrives = in.opcode.find(".INC.") != std::string::npos && (limit.unknown & mask) == 0;
  registers_.write(o[0], PredicateLanes{0, all_lanes}, mask, unsure);
  registers_.write(o[1], !arrives ? Lanes::nothing_known() : launch_.arrives_last ? limit : Lanes{}, mask, unsure);
  if (arrives) counts_.arrivals += static_cast<unsigned>(std::popcount(mask));
  return true;
}

bool Warp::special(const Instruction& in, std::uint32_t mask, std::uint32_t unsure) {
  if (add_in_memory(in, mask, unsure)) return true;
  const std::vector<Operand>& o = in.operands;
  if (in.op == Opcode::s2r || in.op == Opcode::cs2r) {
    registers_.write(o[0], special_register(o[1].text), mask, unsure);
    if (in.op == Opcode::cs2r && !in.has(Modifier::w32))
      registers_.write(o[0], special_register(o[1].text), mask, unsure, 1);
    return true;
  }
  if (in.op == Opcode::plop3) {
    const PredicateLanes a = registers_.predicate(o[2]), b = registers_.predicate(o[3]), c = registers_.predicate(o[4]);
    PredicateLanes lanes;
    lanes.unknown = a.unknown | b.unknown | c.unknown;
    for (std::size_t i = 0; i < 2; ++i) {
      lanes.value = look_up(static_cast<unsigned>(o[5 + i].value), a.value, b.value, c.value);
      registers_.write(o[i], lanes, mask, unsure);
    }
    return true;
  }
  if (in.op == Opcode::p2r && !in.has(Modifier::b1) && !in.has(Modifier::b2) && !in.has(Modifier::b3)) {
    const Lanes other = registers_.low(o[2], constants_);
    const auto bits = static_cast<std::uint32_t>(o[3].value);
    Lanes lanes;
    for (unsigned l = 0; l < warp_lanes; ++l) lanes.value[l] = other.value[l] & ~bits;
    lanes.unknown = other.unknown;
    for (int p = 0; p < true_predicate; ++p) {
      if ((bits >> p & 1) == 0) continue;
      const PredicateLanes& from = registers_.plain_predicate(p);
      lanes.unknown |= from.unknown;
      for (unsigned l = 0; l < warp_lanes; ++l) lanes.value[l] |= (from.value >> l & 1) << p;
    }
    registers_.write(o[0], lanes, mask, unsure);
    return true;
  }
  if (in.op == Opcode::r2p && o.size() == 3 && o[1].kind == OperandKind::reg) {
    const Lanes from = registers_.low(o[1], constants_);
    for (int p = 0; p < true_predicate; ++p) {
      if ((o[2].value >> p & 1) == 0) continue;
      PredicateLanes lanes{0, from.unknown};
      for (unsigned l = 0; l < warp_lanes; ++l) lanes.value |= (from.value[l] >> p & 1) << l;
      PredicateLanes& to = registers_.plain_predicate(p);
      to.value = (to.value & ~mask) | (lanes.value & mask);
      to.unknown = (to.unknown & ~mask) | (lanes.unknown & mask) | unsure;
    }
    return true;
  }
  if (in.op == Opcode::r2ur) {
    if (mask == 0) return true;
    const bool tells = o.size() > 2;  // which lanes have another value
    const Lanes from = registers_.low(o.back(), constants_);
    const auto first = static_cast<unsigned>(std::countr_zero(mask));
    Lanes lanes = Lanes::of(from.value[first]);
    if ((from.unknown >> first & 1) != 0) lanes.unknown = all_lanes;
    registers_.write(o[tells ? 1 : 0], lanes, mask, unsure);
    if (!tells) return true;
    PredicateLanes other{0, from.unknown};
    for (unsigned l = 0; l < warp_lanes; ++l)
      if (from.value[l] != from.value[first]) other.value |= 1u << l;
    if (in.has(Modifier::or_)) {
      const PredicateLanes before = registers_.predicate(o[0]);
      other.value |= before.value;
      other.unknown |= before.unknown;
    }
    registers_.write(o[0], other, mask, unsure);
    return true;
  }
  if (vote_or_elect(in, mask, unsure) || compare_floats(in, mask, unsure)) return true;
  return in.op == Opcode::warpsync || in.op == Opcode::nop;
}

}  // namespace kernelgate::predict
