#include "bench/run/proofs/host_proofs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "bench/run/cases.h"
#include "bench/run/devices.h"
#include "bench/run/proofs/prove.h"
#include "harness/base/printable.h"
#include "harness/base/process/interrupt.h"
#include "harness/base/progress.h"

namespace kernelgate {
namespace {

/// What was found of one kernel over all problems.
struct KernelSummary {
  int right = 0, wrong = 0, skipped = 0;
  double worst_ratio = 0;
  double wall_s = 0;
};

std::function<bool(const std::string&)> proof_filter(const std::string& filter) {
  return [keep = name_filter(filter)](const std::string& name) { return keep(name + "/cold") || keep(name + "/hot"); };
}

/// The suite's problems, and of an op that has none there which the executor can do, those that are there to be proved.
std::vector<std::shared_ptr<const AnyProblem>> problems_to_prove(const ProofSelection& selection) {
  auto problems = select_problems(selection.suite, selection.ops);
  std::map<std::string, bool> small;  // by op: has it one
  for (const auto& problem : problems) small[problem->op()] |= problem->work().flop <= simt_flop_limit;
  for (const auto& [op, one] : small)
    if (!one) std::ranges::copy(select_problems("verify", {op}), std::back_inserter(problems));
  return problems;
}

}  // namespace

ExitCode prove_and_print(const ProofSelection& selection, const Injection& injection, std::FILE* stream) {
  ProofOptions options;
  if (!selection.filter.empty()) options.wanted = proof_filter(selection.filter);
  const auto problems = problems_to_prove(selection);
  ProgressBar progress(count_proofs(problems, DeviceKind::simt, options), "host executor");
  std::map<std::string, KernelSummary> kernels;
  std::vector<std::string> wrong;
  options.injection = injection;
  options.seed = selection.seed;
  options.flop_limit = simt_flop_limit;
  options.on_begin = [&](const std::string& name) { progress.begin_step(name); };
  options.on_end = [&](const ProofResult& proof) {
    KernelSummary& kernel = kernels[proof.op + "/" + proof.implementation];
    kernel.wall_s += proof.wall_s;
    if (proof.status == ProofStatus::skipped) ++kernel.skipped;
    if (proof.status == ProofStatus::right) {
      ++kernel.right;
      kernel.worst_ratio = std::max(kernel.worst_ratio, proof.verification.max_error_ratio);
    }
    if (proof.status == ProofStatus::wrong) {
      ++kernel.wrong;
      wrong.push_back(proof.name + ": " + proof.text);
    }
    progress.end_step(proof.text);
  };
  prove(problems, simt_device(), options);
  if (kernels.empty() && !selection.filter.empty() && !interrupted()) {
    fmt::print(stream, "\nNone of our CUDA kernels is meant by --benchmark_filter={}: none was proved.\n",
               one_line(selection.filter));
    return ExitCode::good;
  }

  fmt::print(stream, "\nOur CUDA kernels on the host executor (correctness, never timed)\n");
  for (const auto& [name, kernel] : kernels)
    if (kernel.right + kernel.wrong == 0)
      fmt::print(stream, "  {:32} not tried: none of these problems is for it, or small enough\n", name);
    else
      fmt::print(stream, "  {:32} {} right, {} wrong, {} not tried; worst error {:.2f} of the bound; {:.1f} s\n", name,
                 kernel.right, kernel.wrong, kernel.skipped, kernel.worst_ratio, kernel.wall_s);
  for (const std::string& line : wrong) fmt::print(stream, "  WRONG {}\n", line);
  return wrong.empty() ? ExitCode::good : ExitCode::wrong;
}

void print_what_a_gpu_adds(const std::string& suite, const std::vector<std::string>& ops, std::FILE* stream) {
  std::map<std::string, std::set<std::string>> ours, peers;
  std::map<std::string, int> problems;
  for (const auto& problem : select_problems(suite, ops)) {
    ++problems[problem->op()];
    for (const auto& candidate : problem->implementations())
      if (candidate.device == DeviceKind::cuda)
        (candidate.origin == Origin::ours ? ours : peers)[problem->op()].insert(candidate.name);
  }
  fmt::print(stream, "\nA GPU would add, cold and hot, to suite {}:\n", suite);
  for (const auto& [op, count] : problems) {
    if (ours[op].empty() && peers[op].empty())
      fmt::print(stream, "  {:8} nothing: this program was built without CUDA\n", op);
    else
      fmt::print(stream, "  {:8} {} problems by ours ({}) beside {}\n", op, count, fmt::join(ours[op], ", "),
                 fmt::join(peers[op], ", "));
  }
}

}  // namespace kernelgate
