// kernelgate verify: correctness alone, on a GPU, on the CPU, or on the host executor.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "bench/commands/command.h"
#include "bench/commands/run_arguments.h"
#include "bench/run/cases.h"
#include "bench/run/choose_device.h"
#include "bench/run/devices.h"
#include "bench/run/proofs/proof_counters.h"
#include "bench/run/proofs/prove.h"
#include "bench/run/proofs/save_tensors.h"
#include "bench/run/regex.h"
#include "bench/user/kernel_files.h"
#include "harness/base/printable.h"
#include "harness/base/process/interrupt.h"
#include "harness/base/progress.h"

namespace kernelgate {
namespace {

struct VerifyArguments {
  std::string device;  ///< empty: simt, or cuda where a kernel is described
  std::string suite = "verify";
  std::vector<std::string> ops, implementations;
  std::vector<std::filesystem::path> kernels;
  int gpu = 0;
  std::uint64_t seed = 1;
  bool counters = false;
  bool json = false;
  std::string filter;
  std::filesystem::path save;
};

constexpr const char* verify_footer =
    "Runs every implementation of the device on each problem of the suite: poisoned output, guard bands,\n"
    "and a comparison with the double-precision reference within the op's bound.\n\n"
    "  simt  our CUDA kernels on the host executor: needs no GPU\n"
    "  cpu   the CPU libraries\n"
    "  cuda  our kernels and the vendor's libraries on a GPU; exit 77 where there is none\n\n"
    "--counters says what each kernel of ours did beside what its op needs at least: bytes and 32-byte sectors\n"
    "of global memory, products, bank conflicts, barriers. The figures are the same on every run and machine.\n\n"
    "Example:\n  kernelgate verify --device simt --op matmul --counters";

Device device_of(const VerifyArguments& arguments) {
  if (arguments.device == "cpu") return cpu_device();
  if (arguments.device == "simt") return simt_device();
  return choose_device("cuda", arguments.gpu, check_environment(arguments.gpu)).device;
}

const char* word(ProofStatus status) {
  switch (status) {
    case ProofStatus::right:
      return "right";
    case ProofStatus::wrong:
      return "WRONG";
    case ProofStatus::skipped:
      return "skipped";
  }
  return "";
}

nlohmann::json to_json(const std::vector<ProofResult>& proofs, const VerifyArguments& arguments) {
  nlohmann::json list = nlohmann::json::array();
  for (const ProofResult& p : proofs) {
    nlohmann::json one{{"name", p.name},
                       {"op", p.op},
                       {"implementation", p.implementation},
                       {"status", p.status == ProofStatus::wrong ? "wrong" : word(p.status)},
                       {"text", p.text},
                       {"wall_s", p.wall_s}};
    if (p.status != ProofStatus::skipped) {
      one["outputs"] = p.verification.outputs;
      one["checked"] = p.verification.checked;
    }
    if (p.counters) add_counters(one, *p.counters, p.calls, p.work);
    list.push_back(std::move(one));
  }
  return {{"schema_version", 1}, {"device", arguments.device}, {"suite", arguments.suite}, {"proofs", std::move(list)}};
}

ExitCode verify(VerifyArguments arguments) {
  for (const std::string& note : add_kernels(arguments.kernels)) fmt::print(stderr, "{}\n", one_line(note));
  if (arguments.device.empty()) arguments.device = arguments.kernels.empty() ? "simt" : "cuda";
  expect_gpu_for(arguments.kernels, arguments.device);
  if (arguments.counters && arguments.device != "simt")
    throw HarnessError(ExitCode::usage, fmt::format("--counters: only the host executor counts, and this is --device "
                                                    "{}; use --device simt, or leave --counters out",
                                                    arguments.device));
  const auto problems = select_problems(arguments.suite, arguments.ops);
  const Device device = device_of(arguments);
  expect_implementations(arguments.implementations, problems, device.kind);
  catch_interrupts();
  ProofOptions options;
  options.injection = injection_from_environment();
  if (options.injection.active()) fmt::print(stderr, "INJECTION is active: {}\n", options.injection.text());
  options.seed = arguments.seed;
  options.counters = arguments.counters;
  options.implementations = arguments.implementations;
  if (!arguments.filter.empty()) options.wanted = regex_search(arguments.filter, "--filter");
  if (!arguments.save.empty())
    options.on_output = [&](const AnyProblem& problem, const std::string& name, std::span<const std::byte> output) {
      save_tensors(arguments.save, name, problem, arguments.seed, output);
    };
  if (device.kind == DeviceKind::simt) options.flop_limit = simt_flop_limit;
  int wrong = 0, right = 0, skipped = 0;
  options.on_end = [&](const ProofResult& proof) {
    (proof.status == ProofStatus::right ? right : proof.status == ProofStatus::wrong ? wrong : skipped) += 1;
    if (!arguments.json) {
      // The evidence begins with the word that stands before the name already.
      const auto colon = proof.text.find(": ");
      const bool repeats = proof.text.starts_with("right: ") || proof.text.starts_with("wrong: ");
      fmt::print("{:8} {}: {}\n", word(proof.status), proof.name, repeats ? proof.text.substr(colon + 2) : proof.text);
      if (proof.counters)
        for (const std::string& line : describe(*proof.counters, proof.calls, proof.work))
          fmt::print("{:9}{}\n", "", line);
      std::fflush(stdout);
    }
  };
  const auto proofs = prove(problems, device, options);
  if (arguments.json) fmt::print("{}\n", to_json(proofs, arguments).dump(1));
  fmt::print(stderr, "{} right, {} wrong, {} skipped on {}\n", right, wrong, skipped, device.name);
  if (interrupted()) fmt::print(stderr, "interrupted: the rest was not verified\n");
  if (wrong > 0) return ExitCode::wrong;
  if (interrupted()) return ExitCode::invalid;
  return right > 0 ? ExitCode::good : ExitCode::nothing;
}

std::function<ExitCode()> add_verify(CLI::App& app) {
  auto arguments = std::make_shared<VerifyArguments>();
  app.add_option("--device", arguments->device, "simt (without --kernel the default), cpu or cuda")
      ->check(CLI::IsMember({"simt", "cpu", "cuda"}));
  app.add_option("--op", arguments->ops, "only this op (matmul, conv2d, mel, pipeline); may be repeated");
  app.add_option("--implementation", arguments->implementations, "only these, as `kernelgate list` names them: A,B")
      ->delimiter(',');
  app.add_option("--filter", arguments->filter, "only what matches, as this prints it: POSIX extended");
  app.add_option("--kernel", arguments->kernels, kernel_help);
  app.add_option("--suite", arguments->suite, "problems: verify (awkward sizes), smoke, default, full")
      ->capture_default_str();
  app.add_option("--gpu", arguments->gpu, "which GPU, as CUDA counts; one")->check(gpu_number())->capture_default_str();
  app.add_option("--seed", arguments->seed, "of the random inputs")->capture_default_str();
  app.add_flag(
      "--counters", arguments->counters,
      "print what each kernel did beside what its op needs: bytes, sectors, bank conflicts, products, barriers; "
      "with --device simt");
  app.add_flag("--json", arguments->json, "print the findings as JSON on stdout");
  app.add_option("--save", arguments->save,
                 "write each problem's inputs and output there, as NumPy's files, for another program");
  app.footer(verify_footer);
  return [arguments] { return verify(*arguments); };
}

const RegisterCommand registered_verify{{"verify", "Prove implementations right; nothing is timed", add_verify}};

}  // namespace
}  // namespace kernelgate
