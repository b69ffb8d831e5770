// `kernelgate check`: the check alone. What is wrong here, the evidence, the remedy.
#include <fmt/core.h>
#include <fmt/ostream.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <thread>

#include "bench/commands/command.h"
#include "bench/commands/watch.h"
#include "bench/run/choose_device.h"
#include "harness/base/atomic_file.h"
#include "harness/check/check_diff.h"
#include "harness/check/check_wait.h"
#include "harness/check/machine/system_probe.h"
#include "harness/check/require/policy.h"
#include "harness/check/require/requirements.h"
#include "harness/check/show/check_format.h"
#include "harness/report/coloured.h"

namespace kernelgate {
namespace {

struct CheckArguments {
  bool json = false;
  bool strict = false;
  std::string format = "text";
  std::string require;
  std::string policy;
  std::string explain;
  std::vector<std::string> diff;
  int gpu = 0;
  int wait_s = 0;
  std::string sysroot;
  double timeout_s = 60;
  std::string watch;
};

SystemProbeOptions probe_options(const CheckArguments& options) {
  if (!options.sysroot.empty() && !std::filesystem::is_directory(options.sysroot)) {
    throw HarnessError(ExitCode::usage, fmt::format("--sysroot: there is no folder '{}'; name one that holds a "
                                                    "machine's proc, sys, dev and etc",
                                                    options.sysroot));
  }
  SystemProbeOptions probe;
  probe.sysroot = options.sysroot;
  probe.limit = std::chrono::milliseconds(std::lround(options.timeout_s * 1e3));
  return probe;
}

ExitCode show_diff(const CheckArguments& options) {
  const auto read = [](const std::string& path) { return fingerprints_of(read_json(path), path); };
  const EnvironmentDiff diff = diff_environments(read(options.diff[0]), read(options.diff[1]));
  if (options.json) {
    fmt::print("{}\n", to_json(diff).dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("{}\n", diff.verdict());
    for (const std::string& line : diff.identity) fmt::print("  {}\n", line);
    if (!diff.covariates.empty()) fmt::print("also differs, and does not decide:\n");
    for (const std::string& line : diff.covariates) fmt::print("  {}\n", line);
  }
  return diff.sameness == Sameness::different ? ExitCode::refused : ExitCode::good;
}

ExitCode check(const CheckArguments& options) {
  if (!options.explain.empty()) {
    fmt::print("{}", explain(options.explain));
    return ExitCode::good;
  }
  if (!options.diff.empty()) return show_diff(options);
  // Read before the machine is: a typing error should not take a driver's start-up to be told.
  Check made;
  const std::vector<Requirement> requirements =
      options.require.empty() ? std::vector<Requirement>{} : parse_requirements(options.require);
  const std::optional<Policy> policy =
      options.policy.empty() ? std::nullopt : std::optional(load_policy(options.policy));
  const CheckFormat& format = find_check_format(options.json ? "json" : options.format);
  made.options = check_options(options.gpu);
  made.strict = options.strict;
  made.report = run_check_until_ready(
      SystemProbe(probe_options(options)), made.options, std::chrono::seconds(options.wait_s),
      [](std::chrono::seconds pause) { std::this_thread::sleep_for(pause); },
      [](const CheckReport& report) { fmt::print(stderr, "waiting: {}\n", report.headline); });
  made.requirements = evaluate(requirements, made.report.environment, *made.options.compat, made.options.today);
  if (policy) made.policy = evaluate_policy(*policy, made.report.environment, *made.options.compat, made.options.today);
  if (!options.json && options.format == "text") {
    std::ostringstream text;
    format.write(text, made);
    std::cout << coloured(text.str(), stdout);
  } else {
    format.write(std::cout, made);
  }
  std::cout.flush();
  if (options.json) fmt::print(stderr, "{}\n", made.headline());
  return static_cast<ExitCode>(format.status(made));
}

std::string formats_help() {
  std::string text;
  for (const NamedCheckFormat& one : check_formats().all()) {
    text += fmt::format("{}{} ({})", text.empty() ? "" : "; ", one.name, one.description);
  }
  return text;
}

std::function<ExitCode()> add_check(CLI::App& app) {
  auto options = std::make_shared<CheckArguments>();
  app.add_option("--format", options->format, "How to show it: " + formats_help())->type_name("NAME");
  app.add_flag("--json", options->json, "The same as --format json");
  app.add_flag("--strict", options->strict, "Warnings refuse, too (exit code 5)");
  app.add_option("--require", options->require,
                 "What must hold, comma-separated, as in the example below. Keys: " + requirement_key_names())
      ->type_name("LIST");
  app.add_option("--gpu", options->gpu, "The GPU that is to be measured, as CUDA numbers them (0)")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--wait", options->wait_s, "Wait so long for what comes up by itself: a fabric, a daemon, a driver")
      ->type_name("SECONDS")
      ->check(CLI::Range(0, 86400));
  app.add_option("--timeout", options->timeout_s, "How long a driver may take to answer before it counts as hung (60)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.001, 86400.0));
  app.add_option("--sysroot", options->sysroot,
                 "Check the machine whose /proc, /sys, /dev, /etc and driver libraries are in this folder")
      ->type_name("FOLDER");
  app.add_option("--policy", options->policy,
                 "Evaluate a policy: " + shipped_policy_names() + ", or a site's FILE.json")
      ->type_name("NAME|FILE");
  app.add_option("--explain", options->explain, "Say what a finding means and what to do about it; reads nothing")
      ->type_name("ID");
  app.add_option("--diff", options->diff, "Two documents of check --json or run: may results of the two be compared?")
      ->type_name("A B")
      ->expected(2);
  const CLI::Option* watching =
      app.add_option(
             "--watch", options->watch,
             "Show the GPUs each second: clocks, power, heat, what holds them back, errors; until Ctrl-C or for "
             "SECONDS")
          ->type_name("[SECONDS]")
          ->expected(0, 1)
          ->excludes("--require")
          ->excludes("--explain");
  app.footer(
      "Examples:\n"
      "  kernelgate check\n"
      "  kernelgate check --require 'driver>=580.65.06,vram>=16GiB,cc>=8.0,count>=1'\n"
      "  kernelgate check --policy acceptance\n"
      "  kernelgate check --json | jq .findings\n"
      "  kernelgate check --format nagios\n"
      "  kernelgate check --wait 120             # for a fabric that is starting\n"
      "  kernelgate check --explain D-VER-MAJOR\n"
      "  kernelgate check --diff before.json after.json\n"
      "  kernelgate check --watch 60\n"
      "Exit codes: 0 the GPU is usable, whatever this build needs of it; 5 there is one that can't be used, or a\n"
      "requirement or policy is not met, or the two of --diff can't be compared; 77 there is none. --format nagios has "
      "a\n"
      "monitoring plugin's: 0 ok, 1 warning, 2 critical, 3 unknown.");
  return [options, watching] {
    if (watching->count() > 0) return watch({watch_seconds(options->watch), options->json});
    return check(*options);
  };
}

const RegisterCommand registered_check{
    {"check", "Say what is wrong with this machine, the evidence, and the remedy", add_check}};

}  // namespace

}  // namespace kernelgate
