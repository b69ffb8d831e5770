#include "bench/run/prove.h"

#include <fmt/format.h>

#include <chrono>

#include "harness/base/interrupt.h"

namespace kernelgate {
namespace {

Proof prove_one(Bench* bench, const AnyProblem& problem, const AnyProblem::Candidate& candidate, const Device& device,
                const ProofOptions& options, Proof proof) {
  const auto skip = [&proof](std::string reason) {
    proof.status = ProofStatus::skipped;
    proof.text = std::move(reason);
    return proof;
  };
  if (const Support support = problem.supports(candidate, device); !support) return skip(support.reason);
  try {
    const Launch launch = bench->prepare(candidate);
    std::optional<simt::CountersScope> scope;
    if (options.counters) scope.emplace();
    proof.verification = bench->verify(
        launch, options.injection.wrong(proof.name) ? corrupt : std::function<void(const GuardedTensor&)>{});
    proof.status = proof.verification.right ? ProofStatus::right : ProofStatus::wrong;
    proof.text = proof.verification.describe();
    if (scope) {
      proof.counters = scope->counters();
      proof.calls = scope->calls();
    }
  } catch (const Unsupported& e) {
    return skip(e.what());
  } catch (const std::exception& e) {
    proof.status = ProofStatus::wrong;
    proof.text = e.what();
  }
  return proof;
}

}  // namespace

std::vector<Proof> prove(const std::vector<std::shared_ptr<const AnyProblem>>& problems, const Device& device,
                         const ProofOptions& options) {
  std::vector<Proof> proofs;
  for (const auto& problem : problems) {
    std::unique_ptr<Bench> bench;  // inputs and expected values are shared by the implementations
    for (const auto& candidate : problem->implementations()) {
      if (candidate.device != device.kind) continue;
      if (interrupted()) return proofs;
      Proof proof;
      proof.name = fmt::format("{}/{}/{}", problem->op(), problem->name(), candidate.name);
      proof.op = problem->op();
      proof.implementation = candidate.name;
      proof.origin = candidate.origin;
      proof.work = problem->work();
      options.on_begin(proof.name);
      const auto begin = std::chrono::steady_clock::now();
      if (const double flop = proof.work.flop; options.flop_limit > 0 && flop > options.flop_limit) {
        proof.status = ProofStatus::skipped;
        proof.text = fmt::format("too large for the {}: {:.2g} GFLOP, the limit is {:.2g}", device.name, flop * 1e-9,
                                 options.flop_limit * 1e-9);
      } else {
        if (!bench) {
          Bench::Options bench_options;
          bench_options.seed = options.seed;
          bench = std::make_unique<Bench>(problem, device, bench_options);
        }
        proof = prove_one(bench.get(), *problem, candidate, device, options, std::move(proof));
      }
      proof.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      options.on_end(proof);
      proofs.push_back(std::move(proof));
    }
  }
  return proofs;
}

}  // namespace kernelgate
