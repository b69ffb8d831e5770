#pragma once
// What the instructions of arithmetic.cpp ask of their operands.

#include <cstddef>
#include <cstdint>

#include "harness/predict/follow/registers.h"

namespace kernelgate::predict {

/// One instruction's operands at hand: destinations first, then sources, then predicates that come in.
class Evaluation {
 public:
  Evaluation(const Instruction& instruction, const ConstantBank& constants, WarpRegisters& registers,
             std::uint32_t mask, std::uint32_t unsure)
      : in_(instruction), constants_(constants), registers_(registers), mask_(mask), unsure_(unsure) {
    std::size_t at = 1;
    const auto is_predicate = [&](std::size_t i) {
      return in_.operands[i].kind == OperandKind::predicate || in_.operands[i].kind == OperandKind::uniform_predicate;
    };
    while (at < in_.operands.size() && is_predicate(at)) ++at;
    first_source_ = at;
    while (at < in_.operands.size() && !is_predicate(at)) ++at;
    first_predicate_ = at;
  }

  const Instruction& in() const { return in_; }
  bool is(Modifier modifier) const { return in_.has(modifier); }
  const Operand& source(std::size_t i) const { return in_.operands.at(first_source_ + i); }
  Lanes low(std::size_t i) const { return registers_.low(source(i), constants_); }
  Lanes high(std::size_t i) const { return registers_.high(source(i), constants_); }
  Lanes constant(std::size_t i, unsigned bytes) const { return registers_.constant(source(i), constants_, bytes); }
  /// A number from the code itself.
  unsigned literal(std::size_t i) const { return static_cast<unsigned>(source(i).value); }
  std::size_t predicates_in() const { return in_.operands.size() - first_predicate_; }
  PredicateLanes predicate_in(std::size_t i) const {
    return registers_.predicate(in_.operands.at(first_predicate_ + i));
  }

  void result(const Lanes& lanes, int offset = 0) { registers_.write(in_.operands[0], lanes, mask_, unsure_, offset); }
  void result(std::size_t operand, const PredicateLanes& lanes) {
    registers_.write(in_.operands.at(operand), lanes, mask_, unsure_);
  }
  /// Predicates that follow the register: carries.
  std::size_t carries_out() const { return first_source_ - 1; }

 private:
  const Instruction& in_;
  const ConstantBank& constants_;
  WarpRegisters& registers_;
  std::uint32_t mask_, unsure_;
  std::size_t first_source_ = 1, first_predicate_ = 1;
};

}  // namespace kernelgate::predict
