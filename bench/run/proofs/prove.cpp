#include "bench/run/proofs/prove.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "harness/base/process/interrupt.h"

namespace kernelgate {
namespace {

ProofResult prove_one(Proof* proof, const AnyProblem& problem, const AnyProblem::Candidate& candidate,
                      const ProofOptions& options, ProofResult result) {
  const auto skip = [&result](std::string reason) {
    result.status = ProofStatus::skipped;
    result.text = std::move(reason);
    return result;
  };
  try {
    const Launch launch = proof->prepare(candidate);
    std::optional<simt::CountersScope> scope;
    if (options.counters) scope.emplace();
    result.verification = proof->verify(
        launch, options.injection.wrong(result.name) ? corrupt : std::function<void(const GuardedTensor&)>{});
    result.status = result.verification.right ? ProofStatus::right : ProofStatus::wrong;
    result.text = result.verification.describe();
    if (options.on_output) options.on_output(problem, result.name, proof->output().download());
    if (scope) {
      result.counters = scope->counters();
      result.calls = scope->calls();
    }
  } catch (const Unsupported& e) {
    return skip(e.what());
  } catch (const std::exception& e) {
    result.status = ProofStatus::wrong;
    result.text = e.what();
  }
  return result;
}

std::string name_of(const AnyProblem& problem, const AnyProblem::Candidate& candidate) {
  return fmt::format("{}/{}/{}", problem.op(), problem.name(), candidate.name);
}

}  // namespace

int count_proofs(const std::vector<std::shared_ptr<const AnyProblem>>& problems, DeviceKind device,
                 const ProofOptions& options) {
  int count = 0;
  for (const auto& problem : problems)
    for (const auto& candidate : problem->implementations())
      count += candidate.device == device && options.wanted(name_of(*problem, candidate)) ? 1 : 0;
  return count;
}

std::vector<ProofResult> prove(const std::vector<std::shared_ptr<const AnyProblem>>& problems, const Device& device,
                               const ProofOptions& options) {
  std::vector<ProofResult> proofs;
  for (const auto& problem : problems) {
    std::unique_ptr<Proof> proof;  // inputs and expected values are shared by the implementations
    for (const auto& candidate : problem->implementations()) {
      if (candidate.device != device.kind || !options.wanted(name_of(*problem, candidate))) continue;
      const auto& wanted = options.implementations;
      if (!wanted.empty() && std::ranges::find(wanted, candidate.name) == wanted.end()) continue;
      if (interrupted()) return proofs;
      ProofResult result;
      result.name = name_of(*problem, candidate);
      result.op = problem->op();
      result.implementation = candidate.name;
      result.origin = candidate.origin;
      result.work = problem->work();
      options.on_begin(result.name);
      const auto begin = std::chrono::steady_clock::now();
      if (const double flop = result.work.flop; options.flop_limit > 0 && flop > options.flop_limit) {
        result.status = ProofStatus::skipped;
        result.text = fmt::format("too large for the {}: {:.2g} GFLOP, the limit is {:.2g}", device.name, flop * 1e-9,
                                  options.flop_limit * 1e-9);
      } else if (const Support support = problem->supports(candidate, device); !support) {
        result.status = ProofStatus::skipped;
        result.text = support.reason;
      } else {
        if (!proof) {
          Proof::Options bench_options;
          bench_options.seed = options.seed;
          proof = std::make_unique<Proof>(problem, device, bench_options);
        }
        result = prove_one(proof.get(), *problem, candidate, options, std::move(result));
      }
      result.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      options.on_end(result);
      proofs.push_back(std::move(result));
    }
  }
  return proofs;
}

}  // namespace kernelgate
