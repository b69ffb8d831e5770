// `kernelgate accept`: the acceptance of a server. All GPUs at once; one sheet, one decision.
#include <unistd.h>

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>

#include "bench/accept/accept_server.h"
#include "bench/commands/command.h"
#include "bench/program/build_info.h"
#include "bench/run/choose_device.h"
#include "harness/accept/judge/judge.h"
#include "harness/accept/sheet.h"
#include "harness/accept/show/show.h"
#include "harness/base/atomic_file.h"
#include "harness/base/colour.h"
#include "harness/base/process/interrupt.h"
#include "harness/base/utc_time.h"
#include "harness/check/check.h"
#include "harness/check/machine/system_probe.h"
#include "harness/check/require/policy.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  bool quick = false, strict = false;
  double hours = 0, timeout_s = 60;
  std::vector<int> gpus;
  std::string against, out, html, junit, format = "text", sysroot, policy = "acceptance";
  std::uint64_t seed = 1;
};

constexpr double standard_minutes = 20;  // the first ten are the way to the temperature that it keeps
constexpr std::size_t quick_memory_bytes = std::size_t{8} << 30;

/// "quick", "standard" or "long", and how long each part of it takes.
struct Extent {
  std::string mode;
  double steady_s, kind_s;
  std::size_t memory_bytes;
};

Extent extent_of(const Arguments& arguments) {
  if (arguments.hours > 0) return {"long", 3600 * arguments.hours, std::min(30.0, 90 * arguments.hours), 0};
  if (arguments.quick) return {"quick", 25, 1, quick_memory_bytes};
  return {"standard", 60 * standard_minutes, 10, 0};
}

SystemProbeOptions probe_options(const Arguments& arguments) {
  if (!arguments.sysroot.empty() && !fs::is_directory(arguments.sysroot))
    throw HarnessError(ExitCode::usage, fmt::format("--sysroot: there is no folder '{}'", arguments.sysroot));
  SystemProbeOptions options;
  options.sysroot = arguments.sysroot;
  options.limit = std::chrono::milliseconds(std::lround(1e3 * arguments.timeout_s));
  return options;
}

/// Where the sheet goes: known, and writable, before anything is measured.
struct Places {
  fs::path sheet, page, junit;
};

Places places_of(const Arguments& arguments, const std::string& hostname, const std::string& started) {
  std::string name = "accept-" + (hostname.empty() ? std::string("server") : hostname) + "-" + started;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_') c = '_';
  Places places{arguments.out.empty() ? fs::path(name + ".json") : fs::path(arguments.out), arguments.html,
                arguments.junit};
  if (places.page.empty()) places.page = fs::path(places.sheet).replace_extension(".html");
  for (const fs::path& file : {places.sheet, places.page, places.junit}) {
    if (file.empty()) continue;
    const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
    if (access(folder.c_str(), W_OK) != 0 || fs::is_directory(file))
      throw HarnessError(ExitCode::usage,
                         fmt::format("{} can't be written; name another place with --out", file.string()));
  }
  return places;
}

std::string command_text() {
  std::string text;
  for (const std::string& word : command_line()) {
    const bool plain = !word.empty() && word.find_first_of(" \t'\"\\$`*?[]{}()<>|&;#~!\n") == std::string::npos;
    text += (text.empty() ? "" : " ") + (plain ? word : "'" + word + "'");
  }
  return text;
}

/// Ends the program where there is nothing to accept.
CheckReport preflight(const SystemProbe& probe, const CheckOptions& options) {
  CheckReport report = run_check(probe, options);
  if (!report.gpu_present)
    throw HarnessError(ExitCode::nothing, report.headline + "; nothing was accepted; see: kernelgate check");
  if (report.environment.visible_gpus() == 0)
    throw HarnessError(ExitCode::refused, report.headline + "; nothing was accepted; see: kernelgate check");
  return report;
}

std::vector<int> chosen_gpus(const Arguments& arguments, int visible) {
  std::vector<int> chosen = arguments.gpus;
  for (const int gpu : chosen)
    if (gpu >= visible)
      throw HarnessError(ExitCode::usage, fmt::format("--gpu {}: CUDA shows {} GPU{}, the first is 0", gpu, visible,
                                                      visible == 1 ? "" : "s"));
  if (chosen.empty())
    for (int gpu = 0; gpu < visible; ++gpu) chosen.push_back(gpu);
  return chosen;
}

/// The check's own verdict: what it found wrong is no line of a policy.
accept::Tested judge_check(const CheckReport& report) {
  accept::Tested test;
  test.id = "preflight.check";
  test.title = "The check of the machine";
  test.outcome = report.gpu_usable ? accept::Outcome::passed : accept::Outcome::failed;
  test.says = report.headline;
  return test;
}

void judge(const CheckReport& report, const CheckOptions& options, const Policy& policy,
           const std::optional<accept::Sheet>& earlier, accept::Sheet& sheet) {
  const auto add = [&](const accept::Tests& more) { sheet.tests.insert(sheet.tests.end(), more.begin(), more.end()); };
  add({judge_check(report)});
  add(accept::judge_preflight(evaluate_policy(policy, report.environment, *options.compat, options.today),
                              sheet.notes));
  for (const Finding& finding : report.findings)
    if (finding.severity == Severity::warning)
      sheet.notes.push_back(fmt::format("{}: {}", finding.id, finding.summary));
  for (const accept::Measured& gpu : sheet.gpus) add(judge_gpu(gpu));
  add(judge_node(sheet.gpus, sheet.notes));
  if (earlier) add(judge_against(sheet.gpus, earlier->gpus));
}

std::string shown(const accept::Sheet& sheet, const Arguments& arguments) {
  if (arguments.format == "json") return sheet_text(sheet, arguments.strict);
  if (arguments.format == "junit") return sheet_as_junit(sheet, arguments.strict);
  const std::string text = sheet_as_text(sheet, arguments.strict);
  constexpr Paint words[] = {{"REFUSED", Colour::bad},         {"FAILED", Colour::bad},
                             {"failed", Colour::bad},          {"NOT DECIDED", Colour::unsure},
                             {"INCONCLUSIVE", Colour::unsure}, {"ACCEPTED", Colour::good}};
  return shows_colour(stdout) ? painted(text, words) : text;
}

ExitCode accept_server(const Arguments& arguments) {
  const std::optional<accept::Sheet> earlier =
      arguments.against.empty() ? std::nullopt : std::optional(accept::read_sheet(arguments.against));
  const Policy policy = load_policy(arguments.policy);
  const SystemProbeOptions probing = probe_options(arguments);
  const SystemProbe probe(probing);
  CheckOptions checking = check_options(arguments.gpus.empty() ? 0 : arguments.gpus.front());
  accept::Sheet sheet;
  sheet.started_utc = utc_now();
  const CheckReport report = preflight(probe, checking);
  const Environment& environment = report.environment;
  sheet.hostname = environment.host.hostname.value.value_or("");
  const Places places = places_of(arguments, sheet.hostname, sheet.started_utc);
  const Extent extent = extent_of(arguments);
  accept::ServerOptions server;
  server.gpus = chosen_gpus(arguments, environment.visible_gpus());
  server.limit = probing.limit;
  server.worker = {0,
                   environment.visible_gpus(),
                   probing.library_file(probing.cuda_library),
                   probing.library_file(probing.nvml_library),
                   extent.steady_s,
                   extent.kind_s,
                   extent.memory_bytes,
                   arguments.seed,
                   accept::own_images(accept::worker_kernels())};
  catch_interrupts();
  sheet.gpus = measure_server(server, environment);
  if (interrupted()) sheet.notes.emplace_back("it was stopped before its end");
  sheet.ended_utc = utc_now();
  sheet.version = build_info().version;
  sheet.commit = build_info().commit + (build_info().dirty ? ", modified" : "");
  sheet.command = command_text();
  sheet.driver = environment.driver.value.value_or("not known");
  sheet.cuda_driver = environment.cuda_driver_api.value ? cuda_version_text(*environment.cuda_driver_api.value) : "";
  sheet.check = report.headline;
  sheet.mode = extent.mode;
  sheet.steady_s = extent.steady_s;
  sheet.against = arguments.against;
  judge(report, checking, policy, earlier, sheet);
  // First what a person waits for, then what a full disk may refuse.
  fmt::print("{}", shown(sheet, arguments));
  std::fflush(stdout);
  replace_file(places.sheet, sheet_text(sheet, arguments.strict));
  replace_file(places.page, sheet_as_html(sheet, arguments.strict));
  if (!places.junit.empty()) replace_file(places.junit, sheet_as_junit(sheet, arguments.strict));
  const accept::Decision decision = decide(sheet, arguments.strict);
  fmt::print(stderr, "accept: {}; sheet: {}, page: {}\n", decision.word, places.sheet.string(), places.page.string());
  return decision.code;
}

std::function<ExitCode()> add(CLI::App& app) {
  auto arguments = std::make_shared<Arguments>();
  auto* quick = app.add_flag("--quick", arguments->quick, "About a minute, 8 GiB of each GPU's memory");
  app.add_option("--hours", arguments->hours, "So many hours of steady load (default: 20 minutes)")
      ->type_name("N")
      ->check(CLI::Range(1e-6, 1000.0))
      ->excludes(quick);
  app.add_option("--gpu", arguments->gpus, "Only this GPU, as CUDA numbers them; may be repeated (default: all)")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber)
      ->allow_extra_args(false);
  app.add_option("--against", arguments->against, "Compare each GPU with itself in this earlier sheet, too")
      ->type_name("SHEET");
  app.add_option(
         "--policy", arguments->policy,
         "What the check asks of the machine: " + shipped_policy_names() + ", or a site's FILE.json (acceptance)")
      ->type_name("NAME|FILE");
  app.add_option("--out", arguments->out, "Where the sheet goes (accept-HOST-TIME.json here)")->type_name("FILE");
  app.add_option("--html", arguments->html, "Where the page goes (beside the sheet)")->type_name("FILE");
  app.add_option("--junit", arguments->junit, "Also write JUnit XML to this file")->type_name("FILE");
  app.add_option("--format", arguments->format, "What is on stdout: text, json, junit (text)")
      ->check(CLI::IsMember({"text", "json", "junit"}));
  app.add_flag("--strict", arguments->strict, "Exit code 4 where all that was tested passed but not all was tested");
  app.add_option("--timeout", arguments->timeout_s, "How long a GPU may say nothing before it counts as hung (60)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.001, 86400.0));
  app.add_option("--seed", arguments->seed, "Draws the operands of the products and the pattern in memory (1)");
  app.add_option("--sysroot", arguments->sysroot,
                 "The machine whose /proc, /sys, /dev, /etc and driver libraries are in this folder")
      ->type_name("FOLDER");
  app.footer(
      "Examples:\n"
      "  kernelgate accept                          # half an hour, all GPUs\n"
      "  kernelgate accept --quick\n"
      "  kernelgate accept --hours 72 --out rack7-node3.json\n"
      "  kernelgate accept --against rack7-node3.json\n"
      "Exit codes: 0 accepted; 5 a test failed, or no GPU can be used; 6 a test can't be told (others used a GPU,\n"
      "a multiprocessor took no part): repeat it; 4 not all was tested (--strict); 77 there is no GPU, or nothing "
      "could\n"
      "be tested on any. What is tested, and against what: docs/accept.md.");
  return [arguments] { return accept_server(*arguments); };
}

const RegisterCommand registered{{"accept", "Accept a server's GPUs, or say which is not what it should be", add}};

}  // namespace
}  // namespace kernelgate
