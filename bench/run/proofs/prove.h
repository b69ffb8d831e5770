#pragma once
// Correctness alone: runs implementations on problems and compares with the reference, without timing.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/run/injection.h"
#include "kernels/op/any_op.h"
#include "kernels/op/verify.h"
#include "kernels/simt/host/counters.h"

namespace kernelgate {

enum class ProofStatus { right, wrong, skipped };

/// What was found of one implementation on one problem.
struct ProofResult {
  std::string name;  ///< "matmul/f16_nt/256x256x256/sm75_multistage"
  std::string op;
  std::string implementation;
  Origin origin = Origin::ours;
  ProofStatus status = ProofStatus::right;
  std::string text;  ///< the evidence, or the reason
  Verification verification;
  double wall_s = 0;
  Work work;                               ///< what the algorithm needs
  std::optional<simt::Counters> counters;  ///< what the kernel did, if it was to be counted and came to its end
  simt::MemoryCalls calls;                 ///< the same by the calls in its source
};

struct ProofOptions {
  Injection injection;
  std::uint64_t seed = 1;
  bool counters = false;                     ///< count what kernels do; the host executor can, other devices count 0
  std::vector<std::string> implementations;  ///< by name; none: all
  double flop_limit = 0;  ///< problems above are skipped and say so; 0: none. The host executor is slow.
  /// Of a proof's name: the others are left out, and not even skipped.
  std::function<bool(const std::string&)> wanted = [](const std::string&) { return true; };
  std::function<void(const std::string&)> on_begin = [](const std::string&) {};
  std::function<void(const ProofResult&)> on_end = [](const ProofResult&) {};
  /// What was compared, of each that was launched; empty: nobody wants it.
  std::function<void(const AnyProblem&, const std::string& name, std::span<const std::byte> output)> on_output = {};
};

/// Every implementation for the device's kind on every problem. An implementation that throws while it
/// runs is wrong: a fault that the host executor found, or a launch that failed. Stops when interrupted.
std::vector<ProofResult> prove(const std::vector<std::shared_ptr<const AnyProblem>>& problems, const Device& device,
                               const ProofOptions& options);

/// How many proofs that will be.
int count_proofs(const std::vector<std::shared_ptr<const AnyProblem>>& problems, DeviceKind device,
                 const ProofOptions& options);

/// What the host executor can do in reasonable time.
inline constexpr double simt_flop_limit = 6e8;

}  // namespace kernelgate
