// `kernelgate check`: the gate alone. What is wrong here, the evidence, the remedy.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <memory>

#include "bench/choose_device.h"
#include "bench/commands/command.h"
#include "harness/environment/gate.h"
#include "harness/environment/gate_text.h"
#include "harness/environment/requirements.h"

namespace kernelgate {
namespace {

struct CheckOptions {
  bool json = false;
  bool strict = false;
  std::string require;
  std::string explain;
};

ExitCode check(const CheckOptions& options) {
  if (!options.explain.empty()) {
    fmt::print("{}", explain(options.explain));
    return ExitCode::good;
  }
  // Read before the machine is: a typing error should not take a driver's start-up to be told.
  std::vector<Requirement> requirements;
  if (!options.require.empty()) requirements = parse_requirements(options.require);
  const GateReport report = check_environment(0);
  const std::vector<RequirementOutcome> outcomes = evaluate(requirements, report.environment);
  ExitCode code = report.exit_code(options.strict);
  for (const RequirementOutcome& outcome : outcomes) {
    if (!outcome.met) code = worse(code, ExitCode::refused);
  }
  if (options.json) {
    nlohmann::json document = to_json(report);
    document["requirements"] = to_json(outcomes);
    document["exit_code"] = static_cast<int>(code);
    fmt::print("{}\n", document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    fmt::print(stderr, "{}\n", report.headline);
  } else {
    fmt::print("{}", gate_text(report, outcomes));
  }
  return code;
}

std::function<ExitCode()> add(CLI::App& app) {
  auto options = std::make_shared<CheckOptions>();
  app.add_flag("--json", options->json, "Write one JSON document to stdout");
  app.add_flag("--strict", options->strict, "Warnings refuse, too (exit code 5)");
  app.add_option("--require", options->require,
                 "What must hold, comma-separated: driver, cuda, cc, vram, count, ecc, mig, persistence")
      ->type_name("LIST");
  app.add_option("--explain", options->explain, "Say what a finding means and what to do about it; reads nothing")
      ->type_name("ID");
  app.footer(
      "Examples:\n"
      "  kernelgate check\n"
      "  kernelgate check --require 'driver>=580.65.06,vram>=16GiB,cc>=8.0,count>=1'\n"
      "  kernelgate check --json | jq .findings\n"
      "  kernelgate check --explain D-VER-MAJOR\n"
      "Exit codes: 0 a GPU can be measured; 5 there is one that can't be used, or a requirement is not met;\n"
      "77 there is none.");
  return [options] { return check(*options); };
}

const RegisterCommand registered{{"check", "Say what is wrong with this machine, the evidence, and the remedy", add}};

}  // namespace

}  // namespace kernelgate
