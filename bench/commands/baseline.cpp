// kernelgate baseline: accept a result as what later runs are compared with, add nights to it, show what is stored,
// learn this machine's noise.

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <memory>

#include "bench/commands/command.h"
#include "bench/commands/show_baseline.h"
#include "bench/run/baselines_folder.h"
#include "bench/run/calibrate.h"
#include "bench/run/measure_suite.h"
#include "bench/run/sides/archived_build.h"
#include "bench/run/sides/read_side.h"
#include "bench/run/state_folder.h"
#include "harness/base/utc_time.h"
#include "harness/baseline/baseline.h"
#include "harness/baseline/baseline_samples.h"
#include "harness/codegen/codegen_baseline.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;

constexpr const char* baselines_help =
    "folder of baselines (default: $KERNELGATE_BASELINES, else 'baselines' beside the program or one above, else here)";

struct BaselineArguments {
  std::string folder;
  std::vector<std::string> results;
  std::string archive;
  AcceptOptions accept;
  ExtendOptions extend;
  CalibrateArguments calibrate;
  std::string device, op;
  bool json = false;
};

std::string user_name() {
  for (const char* variable : {"KERNELGATE_ACCEPTED_BY", "USER"})
    if (const char* value = std::getenv(variable); value != nullptr && *value != '\0') return value;
  const passwd* entry = ::getpwuid(::geteuid());
  return entry != nullptr ? entry->pw_name : fmt::format("user {}", ::geteuid());
}

ExitCode accept(BaselineArguments arguments) {
  if (arguments.accept.accepted_by.empty()) arguments.accept.accepted_by = user_name();
  arguments.accept.accepted_utc = utc_now();
  if (const std::optional<Side> foreign = read_foreign_side(arguments.results.front())) {
    const fs::path path = accept_foreign(*foreign, baselines_folder(arguments.folder), arguments.accept);
    fmt::print("accepted into {}: {} cases stored, of {}; compare with it: kernelgate compare {} NEW\n", path.string(),
               read_baseline(path).cases.size(), foreign->source, path.string());
    return ExitCode::good;
  }
  const Result result = read_result(arguments.results.front());
  if (!arguments.archive.empty()) arguments.accept.archived = archived_build(arguments.archive);
  for (const fs::path& path : accept_baseline(result, baselines_folder(arguments.folder), arguments.accept)) {
    const Baseline stored = read_baseline(path);
    const Provisional state = provisional(stored);
    fmt::print("accepted into {}: {} cases stored, id {}{}\n", path.string(), stored.cases.size(), stored.id,
               state.is ? ", provisional: " + state.text : "");
  }
  return ExitCode::good;
}

ExitCode extend(BaselineArguments arguments) {
  arguments.extend.utc = utc_now();
  std::vector<Result> results;
  for (const std::string& path : arguments.results) results.push_back(read_result(path));
  const Extended done = extend_baseline(std::move(results), baselines_folder(arguments.folder), arguments.extend);
  for (const std::string& note : done.notes) fmt::print(stderr, "kernelgate: {}\n", note);
  for (const fs::path& path : done.files) {
    const Baseline stored = read_baseline(path);
    const Provisional state = provisional(stored);
    fmt::print("extended {}, id {}{}\n", path.string(), stored.id, state.is ? ", provisional: " + state.text : "");
  }
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
std::vector<Baseline> chosen(const BaselineArguments& arguments) {
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

std::string document_text(nlohmann::json rows) {
  return nlohmann::json{{"schema_version", 2}, {"baselines", std::move(rows)}}.dump(
      1, ' ', false, nlohmann::json::error_handler_t::replace);
}

ExitCode list(const BaselineArguments& arguments) {
  const std::vector<Baseline> baselines = chosen(arguments);
  const std::string now = utc_now();
  if (arguments.json) {
    nlohmann::json rows = nlohmann::json::array();
    for (const Baseline& one : baselines) rows.push_back(list_json(one, now));
    fmt::print("{}\n", document_text(std::move(rows)));
    return ExitCode::good;
  }
  if (baselines.empty())
    fmt::print(stderr,
               "kernelgate: no baselines in '{}'; accept one: kernelgate baseline accept RESULT --reason TEXT\n",
               baselines_folder(arguments.folder).string());
  for (const Baseline& one : baselines) fmt::print("{}\n", list_line(one, now));
  return ExitCode::good;
}

ExitCode show(const BaselineArguments& arguments) {
  const std::string now = utc_now();
  nlohmann::json rows = nlohmann::json::array();
  for (const Baseline& baseline : chosen(arguments)) {
    const std::string trouble = read_samples(baseline.path, baseline).trouble;
    if (arguments.json)
      rows.push_back(show_json(baseline, now, trouble));
    else
      fmt::print("{}", show_text(baseline, now, trouble));
  }
  if (arguments.json) fmt::print("{}\n", document_text(std::move(rows)));
  return ExitCode::good;
}

void add_accept(CLI::App& app, BaselineArguments& a) {
  app.add_option("RESULT", a.results,
                 "a result of 'kernelgate run', or another tool's file, or several of it joined by commas")
      ->required()
      ->expected(1);
  app.add_option("--reason", a.accept.reason, "why it is accepted; kept in the file")->required();
  app.add_option("--by", a.accept.accepted_by, "who accepts it (default: you)");
  app.add_option("--build", a.archive,
                 "where the program that measured it is kept, for fresh blocks of both builds; its --version must name "
                 "the result's commit");
  app.add_option("--expires", a.accept.expires_days, "look at it again after so many days")
      ->check(CLI::Range(1, 3650))
      ->capture_default_str();
  app.add_flag("--allow-dirty", a.accept.allow_dirty, "accept a build with uncommitted changes, and mark it");
  app.add_flag("--anyway", a.accept.anyway,
               "accept what was measured under load, or varies more than a baseline should");
  app.add_flag("--replace", a.accept.replace, "start anew where what is stored is of another environment");
  app.footer(
      "The first makes a baseline; a later one starts a new segment: from then on that is the level. The first nights\n"
      "ever accepted stay as the anchor, and what was known of the noise is carried over.\n"
      "Provisional until it has 5 nights of 2 boots; see: kernelgate baseline extend.\n\n"
      "Example:\n  kernelgate run --suite default --runs 5 --out result.json\n"
      "  kernelgate baseline accept result.json --reason 'driver 590, agreed with the team' --build "
      "archive/kernelgate");
}

void add_extend(CLI::App& app, BaselineArguments& a) {
  app.add_option("RESULT", a.results, "results of 'kernelgate run', of one device")->required();
  app.add_option("--window", a.extend.window_nights, "keep so many nights")
      ->check(CLI::Range(5, 1000))
      ->capture_default_str();
  app.add_flag("--allow-dirty", a.extend.allow_dirty, "take a build with uncommitted changes, and mark the baseline");
  app.footer(
      "Adds a night to what is stored, if nothing in it is SLOWER, FASTER or INVALID against it and the environment "
      "is\n"
      "the same; otherwise refuses, with the code that a comparison would give: 3 for SLOWER, 5 for another "
      "environment.\n\n"
      "Example, each night:\n  kernelgate run --suite default --out night.json && kernelgate baseline extend "
      "night.json");
}

std::function<ExitCode()> add_baseline(CLI::App& app) {
  auto arguments = std::make_shared<BaselineArguments>();
  app.require_subcommand(1);
  app.footer("Example:\n  kernelgate baseline accept result.json --reason 'first of this machine'");

  CLI::App* accept_app = app.add_subcommand("accept", "Make a result what later runs are compared with");
  add_accept(*accept_app, *arguments);
  CLI::App* extend_app = app.add_subcommand("extend", "Add unchanged nights to what is stored");
  add_extend(*extend_app, *arguments);
  CLI::App* list_app = app.add_subcommand("list", "One line for each stored baseline");
  list_app->add_flag("--json", arguments->json, "print the list as JSON on stdout");
  list_app->footer("Example:\n  kernelgate baseline list");
  CLI::App* show_app = app.add_subcommand("show", "The stored cases and their noise");
  show_app->add_option("DEVICE", arguments->device, "only this device");
  show_app->add_option("OP", arguments->op, "only this op");
  show_app->add_flag("--json", arguments->json, "print what is stored as JSON on stdout");
  show_app->footer("Example:\n  kernelgate baseline show nvidia_h200 matmul");
  CLI::App* calibrate_app = app.add_subcommand("calibrate", "Learn this machine's noise, and how often it alarms");
  declare(*calibrate_app, arguments->calibrate);

  for (CLI::App* sub : {accept_app, extend_app, list_app, show_app})
    sub->add_option("--baselines", arguments->folder, fmt::format("{};\n{}", baselines_help, state_help));
  return [arguments, accept_app, extend_app, list_app, calibrate_app] {
    if (accept_app->parsed()) return accept(*arguments);
    if (extend_app->parsed()) return extend(*arguments);
    if (calibrate_app->parsed()) return run_calibration(arguments->calibrate, state_folder());
    return list_app->parsed() ? list(*arguments) : show(*arguments);
  };
}

const RegisterCommand registered_baseline{
    {"baseline", "Accept a result to compare with; add nights; show what is stored; learn the noise", add_baseline}};

}  // namespace
}  // namespace kernelgate
