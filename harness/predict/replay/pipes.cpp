#include "harness/predict/replay/pipes.h"

#include <algorithm>

namespace kernelgate::predict {
namespace {

Pipe pipe_of(const Instruction& in) {
  const std::string_view base = in.base();
  if (in.op == Opcode::hmma || in.op == Opcode::hgmma) return Pipe::tensor;
  const bool no_pipe = in.op == Opcode::fence || in.op == Opcode::membar || in.op == Opcode::warpgroup ||
                       in.op == Opcode::set_registers || in.op == Opcode::cluster_arrive ||
                       in.op == Opcode::cluster_wait || base == "CCTL";
  if (no_pipe) return Pipe::none;
  if (in.op >= Opcode::syncs && in.op <= Opcode::tma_prefetch && in.op != Opcode::elect && in.op != Opcode::vote)
    return Pipe::memory;
  if (in.op >= Opcode::ld && in.op <= Opcode::stsm) return Pipe::memory;
  if (in.op == Opcode::shfl || base == "LDL" || base == "STL" || base == "ATOMS") return Pipe::memory;
  if (base == "MUFU" || base == "I2F" || base == "F2I" || base == "POPC" || base == "FLO" || base == "F2F")
    return Pipe::special;
  if (in.uniform || base == "R2UR" || base == "S2UR") return Pipe::uniform;
  if (base == "IMAD" || base == "DFMA") return Pipe::imad;
  if (base == "FFMA" || base == "FMUL" || base == "FADD" || base == "HFMA2" || base == "HADD2" || base == "HMUL2")
    return Pipe::ffma;
  const bool control = in.op >= Opcode::bra && in.op <= Opcode::ldgdepbar;
  if (control || in.op == Opcode::s2r || in.op == Opcode::ldc || in.op == Opcode::cs2r) return Pipe::none;
  return Pipe::alu;
}

double busy_of(const Instruction& in, Pipe pipe, const Gpu& gpu) {
  switch (pipe) {
    case Pipe::alu:
      return gpu.alu;
    case Pipe::imad:
      return gpu.imad;
    case Pipe::ffma:
      return gpu.ffma;
    case Pipe::special:
      return gpu.special;
    case Pipe::uniform:
      return gpu.uniform;
    case Pipe::tensor:
      if (in.op == Opcode::hgmma) return gpu.wgmma_issue;
      return in.has(Modifier::m1688) ? gpu.hmma_1688 : gpu.hmma_16816;
    case Pipe::memory:
      return in.op == Opcode::ldgsts ? gpu.async_copy_issue : gpu.memory_issue;
    case Pipe::none:
      break;
  }
  return 0;
}

double latency_of(const Instruction& in, Pipe pipe, const Gpu& gpu) {
  if (in.op == Opcode::shfl) return gpu.shuffle_latency;
  if (in.op == Opcode::ldc) return gpu.constant_latency;
  if (in.op == Opcode::syncs && in.has(Modifier::phase_check)) return gpu.mbarrier_wait;
  if (in.op == Opcode::fence) return gpu.fence_async;
  if (in.op == Opcode::membar && !in.has(Modifier::cta)) return gpu.fence_gpu;
  return pipe == Pipe::memory ? gpu.shared_latency : gpu.special_latency;
}

}  // namespace

std::vector<Cost> costs_of(const SassKernel& kernel, const Gpu& gpu) {
  std::vector<Cost> costs;
  for (const Instruction& in : kernel.instructions) {
    Cost& cost = costs.emplace_back();
    cost.pipe = pipe_of(in);
    cost.busy = busy_of(in, cost.pipe, gpu);
    cost.latency = latency_of(in, cost.pipe, gpu);
  }
  return costs;
}

}  // namespace kernelgate::predict
