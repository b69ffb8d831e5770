#pragma once
// Which part of a multiprocessor an instruction keeps busy, and how long its result takes.

#include <vector>

#include "harness/predict/model/gpu.h"
#include "harness/predict/sass/instruction.h"

namespace kernelgate::predict {

enum class Pipe { none, alu, imad, ffma, special, tensor, uniform, memory };
inline constexpr std::size_t pipe_count = 8;

/// What the replay needs of one instruction.
struct Cost {
  Pipe pipe = Pipe::none;
  double busy = 0;     ///< cycles that the scheduler's pipe is taken
  double latency = 0;  ///< from issue to the release of its write barrier, where memory has no part in it
};

std::vector<Cost> costs_of(const SassKernel&, const Gpu&);

}  // namespace kernelgate::predict
