#include "harness/predict/model/loops.h"

#include <algorithm>

namespace kernelgate::predict {

std::vector<Loop> loops_of(const SassKernel& kernel, const Replay& replay) {
  std::vector<Loop> loops;
  for (std::size_t i = 0; i < kernel.instructions.size(); ++i) {
    const Instruction& in = kernel.instructions[i];
    if (in.op != Opcode::bra || replay.executions[i] == 0) continue;
    for (const Operand& operand : in.operands)
      if (operand.kind == OperandKind::immediate && operand.value < std::int64_t{in.address}) {
        const std::size_t first = kernel.at(static_cast<std::uint64_t>(operand.value));
        // Two ways back to one place are one loop.
        const auto known = std::ranges::find(loops, first, &Loop::first);
        if (known == loops.end())
          loops.push_back({first, i, 0, 0, {}});
        else
          known->last = std::max(known->last, i);
      }
  }
  // The innermost loop of an instruction is the shortest around it.
  std::ranges::sort(loops, {}, [](const Loop& loop) { return loop.last - loop.first; });
  Loop outside{0, kernel.instructions.empty() ? 0 : kernel.instructions.size() - 1, 1, 0, {}};
  for (std::size_t i = 0; i < kernel.instructions.size(); ++i) {
    const auto inner = std::ranges::find_if(loops, [&](const Loop& one) { return i >= one.first && i <= one.last; });
    Loop& loop = inner == loops.end() ? outside : *inner;
    loop.cycles += replay.cycles_by_instruction[i];
    loop.iterations = std::max(loop.iterations, replay.executions[i]);
    for (std::size_t r = 0; r < reason_count; ++r) loop.cycles_by_reason[r] += replay.reasons_by_instruction[i][r];
  }
  std::erase_if(loops, [](const Loop& loop) { return loop.iterations < 2; });
  std::ranges::sort(loops, std::greater<>(), &Loop::cycles);
  outside.iterations = 1;
  loops.push_back(outside);
  return loops;
}

}  // namespace kernelgate::predict
