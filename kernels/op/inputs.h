#pragma once
// The inputs of a problem on the host, and others at the same places when they are asked for.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/op/any_op.h"
#include "kernels/op/random.h"

namespace kernelgate {

/// A tensor's other values are its own, moved round by a number of elements that the seed draws: their distribution
/// stays, nothing that was computed from the old ones holds, and it costs one copy. Unless the problem refills them.
class Inputs {
 public:
  /// `problem` must outlive it.
  Inputs(const AnyProblem& problem, std::uint64_t seed);

  /// Moves all but the constant tensors round.
  void renew();

  std::size_t count() const { return bytes_.size(); }
  const TensorSpec& spec(std::size_t i) const { return specs_[i]; }
  const std::vector<std::byte>& bytes(std::size_t i) const { return bytes_[i]; }
  /// In order; null where a tensor is empty.
  std::vector<void*> pointers();

 private:
  const AnyProblem* problem_;
  std::vector<TensorSpec> specs_;
  std::vector<std::vector<std::byte>> bytes_;
  Random random_;
};

}  // namespace kernelgate
