#include "harness/predict/follow/warp.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "harness/base/error.h"
#include "harness/predict/follow/arithmetic.h"

namespace kernelgate::predict {
namespace {

// A loop whose end is not seen must not fill the memory.
constexpr std::size_t most_steps = 40'000'000;

int barrier_of(const Instruction& in) {
  for (const Operand& operand : in.operands)
    if (operand.text.size() > 1 && operand.text[0] == 'B') return std::atoi(operand.text.c_str() + 1) & 15;
  return 0;
}

bool is_predicate(const Operand& operand) {
  return operand.kind == OperandKind::predicate || operand.kind == OperandKind::uniform_predicate;
}

}  // namespace

Warp::Warp(const SassKernel& kernel, const ConstantBank& constants, const LaunchFacts& launch, SharedContents& shared,
           std::array<std::uint32_t, 3> block_index, unsigned first_thread, unsigned threads)
    : kernel_(kernel),
      constants_(constants),
      launch_(launch),
      shared_(shared),
      block_index_(block_index),
      first_thread_(first_thread) {
  live_ = threads == warp_lanes ? all_lanes : (1u << threads) - 1;
}

void Warp::lost(const Instruction& in, const char* why) const {
  throw HarnessError(ExitCode::invalid, fmt::format("{}: {:#06x} {}: {}", kernel_.name, in.address, in.text, why));
}

std::vector<Warp::Arrival> Warp::run() {
  arrivals_.clear();
  std::uint32_t at = 0;
  // As the compiler lays code out.
  while (const std::uint32_t group = positions_.furthest_behind(live_ & ~waiting_, at)) {
    if (at >= kernel_.instructions.size())
      throw HarnessError(ExitCode::invalid, fmt::format("{}: runs beyond its last instruction", kernel_.name));
    execute(kernel_.instructions[at], at, group);
    if (trace_.steps.size() > most_steps) lost(kernel_.instructions[at], "too long a way to follow");
    if (!arrivals_.empty() && arrivals_.back().waits) return arrivals_;
  }
  if (live_ != 0) throw HarnessError(ExitCode::invalid, fmt::format("{}: threads wait for each other", kernel_.name));
  return arrivals_;
}

WarpTrace Warp::finish(BlockCounts& counts) {
  counts += counts_;
  return std::move(trace_);
}

void Warp::execute(const Instruction& in, std::size_t index, std::uint32_t group) {
  const PredicateLanes guard = registers_.guard(in);
  const std::uint32_t unsure = guard.unknown & group;
  const std::uint32_t mask = guard.value & group & ~unsure;
  positions_.move(group, static_cast<std::uint32_t>(index + 1));
  Step step{static_cast<std::uint32_t>(index), no_access, mask};
  const bool moves = in.op >= Opcode::bra && in.op <= Opcode::jump;
  const bool remembers = in.op >= Opcode::ld && in.op <= Opcode::stsm;
  const bool synchronizes = in.op >= Opcode::syncs && in.op <= Opcode::tma_prefetch;
  if (in.op == Opcode::unmodelled) lost(in, "is not in the model");
  if (unsure != 0 && (moves || remembers || synchronizes || in.op == Opcode::bar))
    lost(in, "whether it is executed depends on what memory holds");
  if (moves) {
    branch(in, mask);
  } else if (in.op == Opcode::bssy) {
    convergence_[static_cast<std::size_t>(barrier_of(in))] = {group, 0};
  } else if (in.op == Opcode::bsync) {
    wait_at_barrier(barrier_of(in), mask);
  } else if (in.op == Opcode::break_) {
    convergence_[static_cast<std::size_t>(barrier_of(in))].members &= ~mask;
  } else if (!special(in, mask, unsure) && !synchronize(in, mask, step) &&
             !compute(in, constants_, registers_, mask, unsure)) {
    loaded_.clear();
    if (mask != 0) access_memory(in, mask, step);
    // Predicates among the first operands are results, too: unknown ones.
    const int results = result_registers(in);
    if (results > 0 && !in.operands.empty()) {
      if (in.operands[0].kind == OperandKind::reg || in.operands[0].kind == OperandKind::uniform_reg)
        for (int i = 0; i < results; ++i) registers_.write(in.operands[0], Lanes::nothing_known(), mask, unsure, i);
      for (std::size_t i = 0; i < loaded_.size(); ++i)
        registers_.write(in.operands[0], loaded_[i], mask, unsure, static_cast<int>(i));
      if (is_predicate(in.operands[0])) registers_.write(in.operands[0], PredicateLanes{0, all_lanes}, mask, unsure);
      if (in.operands.size() > 1 && is_predicate(in.operands[1]) && in.op != Opcode::shfl && !remembers)
        registers_.write(in.operands[1], PredicateLanes{0, all_lanes}, mask, unsure);
    }
  }
  // One that neither waits nor keeps the next one waiting is not issued at a cost.
  if (in.op != Opcode::nop || in.control.wait_mask != 0 || in.control.stall > 1) trace_.steps.push_back(step);
}

void Warp::branch(const Instruction& in, std::uint32_t taken) {
  std::uint64_t target = 0;
  bool has_target = false;
  for (const Operand& operand : in.operands) {
    if (is_predicate(operand)) {
      const PredicateLanes also = registers_.predicate(operand);
      if ((also.unknown & taken) != 0) lost(in, "where it goes depends on what memory holds");
      taken &= also.value;
    } else if (operand.kind == OperandKind::immediate) {
      target = static_cast<std::uint64_t>(operand.value);
      has_target = true;
    }
  }
  if (in.op == Opcode::exit) return leave(taken);
  if (in.op == Opcode::ret || in.op == Opcode::jump) {
    if (in.operands.empty() || in.operands[0].kind != OperandKind::reg) lost(in, "a jump of a kind that is not known");
    const Lanes to = registers_.low(in.operands[0], constants_);
    if ((to.unknown & taken) != 0) lost(in, "where it goes is not known");
    for (std::uint32_t left = taken; left != 0; left &= left - 1) {
      const auto lane = static_cast<unsigned>(std::countr_zero(left));
      positions_.move(1u << lane, static_cast<std::uint32_t>(kernel_.at(to.value[lane])));
    }
    return;
  }
  if (taken == 0) return;
  if (!has_target) lost(in, "a jump of a kind that is not known");
  positions_.move(taken, static_cast<std::uint32_t>(kernel_.at(target)));
}

void Warp::leave(std::uint32_t lanes) {
  live_ &= ~lanes;
  for (Convergence& one : convergence_) {
    one.members &= ~lanes;
    if (one.arrived != 0 && one.arrived == one.members) {
      waiting_ &= ~one.arrived;
      one.arrived = 0;
    }
  }
}

void Warp::wait_at_barrier(int barrier, std::uint32_t lanes) {
  Convergence& one = convergence_[static_cast<std::size_t>(barrier)];
  one.arrived |= lanes & one.members;
  waiting_ |= lanes & one.members;
  if (one.arrived != one.members) return;
  waiting_ &= ~one.arrived;
  one = {};
}

}  // namespace kernelgate::predict
