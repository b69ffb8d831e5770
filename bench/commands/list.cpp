// kernelgate list: ops, implementations and cases, and why one can't run here.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <map>
#include <nlohmann/json.hpp>

#include "bench/commands/command.h"
#include "bench/run/cases.h"
#include "bench/run/devices.h"

namespace kernelgate {
namespace {

struct Arguments {
  std::string suite = "full";
  std::vector<std::string> ops;
  bool json = false;
  bool probe = false;
};

constexpr const char* footer =
    "Without --probe nothing is loaded, and an implementation for a GPU is listed as 'needs a GPU'.\n"
    "With --probe each is asked whether it can run its first problem here; libraries are loaded for that.\n\n"
    "Example:\n  kernelgate list --op conv2d --suite smoke";

/// Why an implementation can't run the problem here; empty: it can, or it wasn't asked.
std::string obstacle(const AnyProblem& problem, const AnyProblem::Candidate& candidate, bool probe) {
  if (candidate.device == DeviceKind::simt) return "";
  if (candidate.device == DeviceKind::cuda && !probe) return "needs a GPU";
  if (!probe) return "";
  Device device = cpu_device();
  if (candidate.device == DeviceKind::cuda) {
    std::string reason;
    const auto gpu = cuda_device(0, reason);
    if (!gpu) return "no usable GPU: " + reason;
    device = *gpu;
  }
  return problem.supports(candidate, device).reason;
}

nlohmann::json describe(const Arguments& arguments) {
  nlohmann::json ops = nlohmann::json::array();
  std::map<std::string, std::size_t> at;
  for (const auto& problem : select_problems(arguments.suite, arguments.ops)) {
    if (!at.contains(problem->op())) {
      at[problem->op()] = ops.size();
      nlohmann::json implementations = nlohmann::json::array();
      for (const auto& candidate : problem->implementations()) {
        const std::string reason = obstacle(*problem, candidate, arguments.probe);
        implementations.push_back({{"name", candidate.name},
                                   {"origin", candidate.origin == Origin::ours ? "ours" : "peer"},
                                   {"device", to_string(candidate.device)},
                                   {"obstacle", reason.empty() ? nlohmann::json() : nlohmann::json(reason)}});
      }
      ops.push_back(
          {{"name", problem->op()}, {"implementations", implementations}, {"problems", nlohmann::json::array()}});
    }
    const Work work = problem->work();
    ops[at[problem->op()]]["problems"].push_back({{"name", problem->name()},
                                                  {"label", problem->label()},
                                                  {"suites", problem->suites()},
                                                  {"flop", work.flop},
                                                  {"bytes", work.bytes}});
  }
  return {{"schema_version", 1}, {"suite", arguments.suite}, {"ops", ops}};
}

void print(const nlohmann::json& listing) {
  for (const auto& op : listing["ops"]) {
    fmt::print("{}\n  implementations\n", op["name"].get<std::string>());
    for (const auto& i : op["implementations"])
      fmt::print("    {:24} {:5} {:5} {}\n", i["name"].get<std::string>(), i["origin"].get<std::string>(),
                 i["device"].get<std::string>(), i["obstacle"].is_null() ? "" : i["obstacle"].get<std::string>());
    fmt::print("  problems of suite {}\n", listing["suite"].get<std::string>());
    for (const auto& p : op["problems"])
      fmt::print("    {:52} {:>9.4g} GFLOP {:>9.4g} MB  {}\n", p["name"].get<std::string>(),
                 p["flop"].get<double>() * 1e-9, p["bytes"].get<double>() * 1e-6, p["label"].get<std::string>());
  }
}

std::function<ExitCode()> add(CLI::App& app) {
  auto arguments = std::make_shared<Arguments>();
  app.add_option("--suite", arguments->suite, "smoke, default, full, verify")->capture_default_str();
  app.add_option("--op", arguments->ops, "only this op; may be repeated");
  app.add_flag("--probe", arguments->probe, "ask each implementation whether it can run here");
  app.add_flag("--json", arguments->json, "print the list as JSON on stdout");
  app.footer(footer);
  return [arguments] {
    const nlohmann::json listing = describe(*arguments);
    if (arguments->json)
      fmt::print("{}\n", listing.dump(1));
    else
      print(listing);
    return ExitCode::good;
  };
}

const RegisterCommand registered{{"list", "Ops, implementations and problems, and why one can't run here", add}};

}  // namespace
}  // namespace kernelgate
