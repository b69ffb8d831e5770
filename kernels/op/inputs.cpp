#include "kernels/op/inputs.h"

#include <algorithm>

#include "kernels/op/verification.h"

namespace kernelgate {

Inputs::Inputs(const AnyProblem& problem, std::uint64_t seed)
    : problem_(&problem), specs_(problem.inputs()), random_(seed) {
  for (const TensorSpec& spec : specs_) bytes_.emplace_back(bytes_of(spec));
  problem.fill(seed, pointers());
}

void Inputs::renew() {
  if (problem_->refill(random_.bits(), pointers())) return;
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    const TensorSpec& spec = specs_[i];
    if (spec.constant || spec.count < 2) continue;
    // By one at least: none would be the same values again.
    const std::uint64_t by = 1 + random_.below(static_cast<std::uint64_t>(spec.count) - 1);
    std::vector<std::byte>& bytes = bytes_[i];
    std::vector<std::byte> moved(bytes.size());
    std::ranges::rotate_copy(bytes, bytes.begin() + static_cast<std::ptrdiff_t>(by * size_of(spec.type)),
                             moved.begin());
    bytes.swap(moved);
  }
}

std::vector<void*> Inputs::pointers() {
  std::vector<void*> all;
  for (auto& bytes : bytes_) all.push_back(bytes.empty() ? nullptr : bytes.data());
  return all;
}

}  // namespace kernelgate
