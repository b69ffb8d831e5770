// kernelgate list: ops, implementations and cases, and why one can't run here.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "bench/commands/command.h"
#include "bench/run/cases.h"
#include "bench/run/devices.h"
#include "bench/user/kernel_files.h"
#include "harness/base/error.h"
#include "harness/base/printable.h"

namespace kernelgate {
namespace {

struct ListArguments {
  std::string suite = "full";
  std::vector<std::string> ops;
  std::vector<std::filesystem::path> kernels;
  bool json = false;
  bool probe = false;
  std::string explain;  ///< a compute capability, "9.0"; empty: no
};

constexpr const char* list_footer =
    "Without --probe nothing is loaded, and an implementation for a GPU is listed as 'needs a GPU'.\n"
    "With --probe each is asked whether it can run its first problem here; libraries are loaded for that.\n"
    "With --explain each problem of an op whose implementation 'ours' chooses a kernel says which it gets, and why;\n"
    "pointers are taken to be aligned. Needs no GPU.\n\n"
    "Examples:\n"
    "  kernelgate list --op conv2d --suite smoke\n"
    "  kernelgate list --op matmul --suite default --explain 9.0";

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

/// A GPU as its kernels' choice sees it, on the host executor, where all kernels are.
Device device_like(const std::string& capability) {
  int major = 0, minor = 0;
  if (std::sscanf(capability.c_str(), "%d.%d", &major, &minor) != 2)
    throw HarnessError(ExitCode::usage,
                       fmt::format("--explain {}: must be a compute capability, such as 9.0", capability));
  Device device = simt_device();
  device.compute_capability = 10 * major + minor;
  device.multiprocessors = 132;  // an H100's; a choice hardly depends on it
  return device;
}

/// What computes the problem there: {"implementation", "reason"}, or nothing where no implementation chooses.
nlohmann::json explanation(const AnyProblem& problem, const Device& device) {
  for (const auto& candidate : problem.implementations()) {
    if (candidate.device != device.kind) continue;
    const std::optional<Choice> choice = problem.choice(candidate, device);
    if (!choice) continue;
    return {
        {"implementation", choice->implementation.empty() ? nlohmann::json() : nlohmann::json(choice->implementation)},
        {"row", choice->row},
        {"reason", choice->reason}};
  }
  return {};
}

nlohmann::json describe(const ListArguments& arguments) {
  std::optional<Device> explained;
  if (!arguments.explain.empty()) explained = device_like(arguments.explain);
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
    if (explained) ops[at[problem->op()]]["problems"].back()["choice"] = explanation(*problem, *explained);
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
    for (const auto& p : op["problems"]) {
      fmt::print("    {:52} {:>9.4g} GFLOP {:>9.4g} MB  {}\n", p["name"].get<std::string>(),
                 p["flop"].get<double>() * 1e-9, p["bytes"].get<double>() * 1e-6, p["label"].get<std::string>());
      if (!p.contains("choice") || p["choice"].is_null()) continue;
      const auto& kernel = p["choice"]["implementation"];
      if (kernel.is_null())
        fmt::print("      no kernel: {}\n", p["choice"]["reason"].get<std::string>());
      else
        fmt::print("      {} (\"{}\"): {}\n", kernel.get<std::string>(), p["choice"]["row"].get<std::string>(),
                   p["choice"]["reason"].get<std::string>());
    }
  }
}

std::function<ExitCode()> add_list(CLI::App& app) {
  auto arguments = std::make_shared<ListArguments>();
  app.add_option("--suite", arguments->suite, "smoke, default, full, verify")->capture_default_str();
  app.add_option("--op", arguments->ops, "only this op; may be repeated");
  app.add_option("--kernel", arguments->kernels, kernel_help);
  app.add_flag("--probe", arguments->probe, "ask each implementation whether it can run here");
  app.add_option("--explain", arguments->explain,
                 "say which kernel each problem gets on a GPU of this compute capability, and why: 9.0");
  app.add_flag("--json", arguments->json, "print the list as JSON on stdout");
  app.footer(list_footer);
  return [arguments] {
    for (const std::string& note : add_kernels(arguments->kernels)) fmt::print(stderr, "{}\n", one_line(note));
    const nlohmann::json listing = describe(*arguments);
    if (arguments->json)
      fmt::print("{}\n", listing.dump(1));
    else
      print(listing);
    return ExitCode::good;
  };
}

const RegisterCommand registered_list{
    {"list", "Ops, implementations and problems, and why one can't run here", add_list}};

}  // namespace
}  // namespace kernelgate
