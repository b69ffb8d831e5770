#pragma once
// The network as launches of other ops' kernels: which, on which maps, and where the maps lie.

#include <memory>
#include <string>
#include <vector>

#include "kernels/op/any_op.h"
#include "kernels/pipeline/network.h"

namespace kernelgate::pipeline {

/// What a step reads or writes.
struct Operand {
  enum class Of { nothing, audio, faces, weights, frames, map } of = Of::nothing;
  std::size_t at = 0;  ///< of the weights: the first element; of maps: which
};

/// One problem of another op.
struct Step {
  std::string name;  ///< "mel", "fd2.T"
  std::shared_ptr<const AnyProblem> problem;
  std::string implementation;
  std::vector<Operand> operands;  ///< inputs in the problem's order, then the output
  Branch branch = Branch::hears;
  bool follows = false;  ///< right behind another one of its branch
};

struct Chain {
  std::vector<Step> steps;  ///< by branches: each behind what it reads
  std::vector<std::size_t> map_bytes;
};

Chain chain_of(const Pipeline::Problem& problem);

/// Where each map lies in one block of memory, and how large that is. Branches run side by side, so that what hears
/// shares memory with nothing else.
struct ChainMemory {
  std::vector<std::size_t> offsets;
  std::size_t bytes = 0;
};
ChainMemory memory_of(const Chain& chain);

}  // namespace kernelgate::pipeline
