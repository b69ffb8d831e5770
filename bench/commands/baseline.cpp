// kernelgate baseline: accept a result as what later runs are compared with; show what is stored.

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <memory>

#include "bench/baselines_folder.h"
#include "bench/commands/command.h"
#include "harness/codegen/codegen_baseline.h"
#include "harness/judge/baseline.h"
#include "harness/judge/statistics.h"
#include "harness/report/quantity.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;

constexpr const char* baselines_help =
    "folder of baselines (default: $KERNELGATE_BASELINES, else 'baselines' beside the program or one above, else here)";

struct Arguments {
  std::string folder;
  std::string result;
  AcceptOptions accept;
  std::string device, op;
  bool json = false;
};

std::string user_name() {
  for (const char* variable : {"KERNELGATE_ACCEPTED_BY", "USER"})
    if (const char* value = std::getenv(variable); value != nullptr && *value != '\0') return value;
  const passwd* entry = ::getpwuid(::geteuid());
  return entry != nullptr ? entry->pw_name : fmt::format("user {}", ::geteuid());
}

ExitCode accept(Arguments arguments) {
  if (arguments.accept.accepted_by.empty()) arguments.accept.accepted_by = user_name();
  arguments.accept.accepted_utc = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  const Result result = read_result(arguments.result);
  for (const fs::path& path : accept_baseline(result, baselines_folder(arguments.folder), arguments.accept))
    fmt::print("accepted into {}: {} cases stored\n", path.string(), read_baseline(path).cases.size());
  return ExitCode::good;
}

std::vector<std::string> devices_in(const fs::path& folder) {
  std::vector<std::string> devices;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder, missing))
    if (entry.is_directory(missing) && entry.path().filename() != codegen_folder)  // of machine code, not of a device
      devices.push_back(entry.path().filename().string());
  std::ranges::sort(devices);
  return devices;
}

/// The stored baselines that were asked for. Errors  HarnessError(usage) when there are none of them.
std::vector<Baseline> chosen(const Arguments& arguments) {
  const fs::path folder = baselines_folder(arguments.folder);
  std::vector<Baseline> found;
  for (const std::string& device : devices_in(folder)) {
    if (!arguments.device.empty() && device != arguments.device) continue;
    for (Baseline& baseline : read_baselines(folder, device))
      if (arguments.op.empty() || baseline.op == arguments.op) found.push_back(std::move(baseline));
  }
  const bool asked = !arguments.device.empty() || !arguments.op.empty();
  if (asked && found.empty())
    throw HarnessError(ExitCode::usage,
                       fmt::format("no baseline of {}{}{} in '{}'; see: kernelgate baseline list",
                                   arguments.device.empty() ? "any device" : arguments.device,
                                   arguments.op.empty() ? "" : ", op ", arguments.op, folder.string()));
  return found;
}

std::size_t fewest_runs(const Baseline& baseline) {
  std::size_t runs = baseline.cases.empty() ? 0 : baseline.cases.front().measured.runs.size();
  for (const BaselineCase& one : baseline.cases) runs = std::min(runs, one.measured.runs.size());
  return runs;
}

ExitCode list(const Arguments& arguments) {
  const std::vector<Baseline> baselines = chosen(arguments);
  if (arguments.json) {
    nlohmann::json rows = nlohmann::json::array();
    for (const Baseline& one : baselines)
      rows.push_back({{"device", one.device},
                      {"op", one.op},
                      {"cases", one.cases.size()},
                      {"fewest_runs", fewest_runs(one)},
                      {"accepted_utc", one.accepted_utc},
                      {"accepted_by", one.accepted_by},
                      {"reason", one.reason},
                      {"dirty", one.dirty}});
    fmt::print("{}\n", nlohmann::json{{"schema_version", 1}, {"baselines", rows}}.dump(1));
    return ExitCode::good;
  }
  if (baselines.empty())
    fmt::print(stderr,
               "kernelgate: no baselines in '{}'; accept one: kernelgate baseline accept RESULT --reason TEXT\n",
               baselines_folder(arguments.folder).string());
  for (const Baseline& one : baselines)
    fmt::print("{:32} {:8} {:4} cases, {} runs or more, {} by {}: {}{}\n", one.device, one.op, one.cases.size(),
               fewest_runs(one), one.accepted_utc, one.accepted_by, one.reason, one.dirty ? " (DIRTY build)" : "");
  return ExitCode::good;
}

ExitCode show(const Arguments& arguments) {
  for (const Baseline& baseline : chosen(arguments)) {
    fmt::print("{}\n  reason: {}\n", side_of(baseline).description, baseline.reason);
    const nlohmann::json identity =
        baseline.fingerprint.is_object() ? baseline.fingerprint.value("identity", nlohmann::json()) : nlohmann::json();
    for (const auto& [field, value] : identity.items())
      if (!value.is_object())
        fmt::print("  {}: {}\n", field, value.is_string() ? value.get<std::string>() : value.dump());
    for (const BaselineCase& one : baseline.cases) {
      const SideCase& m = one.measured;
      const double typical = median_s(m.runs);
      fmt::print("    {:64} {:>10} {:>14}  {} runs, {}\n", m.name, show_seconds(typical),
                 show_throughput(m.flop, m.bytes, typical), m.runs.size(), one.accepted_utc);
    }
  }
  return ExitCode::good;
}

std::function<ExitCode()> add(CLI::App& app) {
  auto arguments = std::make_shared<Arguments>();
  app.require_subcommand(1);
  app.footer("Example:\n  kernelgate baseline accept result.json --reason 'first of this machine'");

  CLI::App* accept_app = app.add_subcommand("accept", "Make a result what later runs are compared with");
  accept_app->add_option("RESULT", arguments->result, "a result of 'kernelgate run'")->required();
  accept_app->add_option("--reason", arguments->accept.reason, "why it is accepted; kept in the file")->required();
  accept_app->add_option("--by", arguments->accept.accepted_by, "who accepts it (default: you)");
  accept_app->add_flag("--allow-dirty", arguments->accept.allow_dirty,
                       "accept a build with uncommitted changes, and mark it");
  accept_app->add_flag("--replace", arguments->accept.replace,
                       "start anew where what is stored is of another environment");
  accept_app->footer(
      "Example:\n  kernelgate run --suite default --runs 5 --out result.json\n"
      "  kernelgate baseline accept result.json --reason 'driver 590, agreed with the team'");

  CLI::App* list_app = app.add_subcommand("list", "One line for each stored baseline");
  list_app->add_flag("--json", arguments->json, "print the list as JSON on stdout");
  list_app->footer("Example:\n  kernelgate baseline list");

  CLI::App* show_app = app.add_subcommand("show", "The stored cases");
  show_app->add_option("DEVICE", arguments->device, "only this device");
  show_app->add_option("OP", arguments->op, "only this op");
  show_app->footer("Example:\n  kernelgate baseline show nvidia_h200 matmul");

  for (CLI::App* sub : {accept_app, list_app, show_app})
    sub->add_option("--baselines", arguments->folder, baselines_help);
  return [arguments, accept_app, list_app] {
    if (accept_app->parsed()) return accept(*arguments);
    return list_app->parsed() ? list(*arguments) : show(*arguments);
  };
}

const RegisterCommand registered{{"baseline", "Accept a result to compare with; list and show what is stored", add}};

}  // namespace
}  // namespace kernelgate
