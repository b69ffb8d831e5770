// kernelgate driver: a driver upgrade, to one decision.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>

#include "bench/commands/command.h"
#include "bench/commands/run_arguments.h"
#include "bench/run/choose_device.h"
#include "bench/run/driver/upgrade_folder.h"
#include "bench/run/process_runs.h"
#include "harness/base/atomic_file.h"
#include "harness/base/boot_id.h"
#include "harness/base/printable.h"
#include "harness/base/process/interrupt.h"
#include "harness/base/share.h"
#include "harness/base/temporary_folder.h"
#include "harness/report/coloured.h"
#include "harness/report/driver/driver_report.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;

constexpr const char* usual_folder = "driver_upgrade";

struct DriverArguments {
  fs::path folder = usual_folder, result, html;
  bool append = false, anew = false, json = false, strict = false;
  std::string threshold = "0.5%";
  std::vector<std::string> vary;
  // How before measures; after and back do the same.
  std::string device = "auto", suite, require;
  int gpu = 0, runs = 5;
  std::vector<std::string> ops, benchmark_flags;
  std::vector<fs::path> kernels;
};

constexpr const char* driver_footer =
    "Measure with the old driver, upgrade, measure with the new one: one page, one decision.\n"
    "Each step wants two boots at least, since a reboot changes times by itself; five find 3 % in one case.\n\n"
    "  kernelgate driver before                  then reboot, and: kernelgate driver before --append-boot\n"
    "  kernelgate driver after                   then reboot, and: kernelgate driver after --append-boot\n"
    "  kernelgate driver back                    if it got slower: the old driver again, to be sure that it is it\n\n"
    "Exit codes: 0 nothing is slower, or not decided yet (4 with --strict); 2 a wrong result; 3 slower; 5 a setting\n"
    "differs, or another driver is here than the step is of; 6 disturbed, or slower with the old driver back, too.\n"
    "How it is judged: docs/driver.md.";

std::vector<std::string> run_words(const DriverArguments& a) {
  std::vector<std::string> words{
      "--device", a.device, "--gpu", std::to_string(a.gpu), "--runs", std::to_string(a.runs)};
  if (!a.suite.empty()) words.insert(words.end(), {"--suite", a.suite});
  if (!a.require.empty()) words.insert(words.end(), {"--require", a.require});
  for (const std::string& op : a.ops) words.insert(words.end(), {"--op", op});
  for (const fs::path& path : a.kernels) words.insert(words.end(), {"--kernel", fs::absolute(path).string()});
  words.insert(words.end(), a.benchmark_flags.begin(), a.benchmark_flags.end());
  return words;
}

std::string last_line_of(const fs::path& log) {
  std::ifstream said(log);
  std::string line, last;
  while (std::getline(said, line))
    if (!line.empty()) last = line;
  return last;
}

/// By the program itself, so that a boot is measured as any run is.
Result measure_boot(const UpgradeFolder& folder, const std::string& step, const std::vector<std::string>& plan) {
  const TemporaryFolder no_baselines;
  const fs::path out = folder.measuring(step), log = folder.log(step);
  std::error_code ignored;
  fs::remove(out, ignored);
  std::vector<std::string> words{"run", "--out", out.string(), "--baselines", no_baselines.path().string()};
  words.insert(words.end(), plan.begin(), plan.end());
  fmt::print(stderr, "measuring this boot; what the run says goes to {}\n", log.string());
  catch_interrupts();
  RunSelf how;
  how.log = log;
  const int status = run_self(words, how);
  if (interrupted()) throw HarnessError(ExitCode::invalid, "interrupted while this boot was measured; nothing is kept");
  if (!fs::exists(out, ignored)) {
    const bool known = status == static_cast<int>(ExitCode::refused) || status == static_cast<int>(ExitCode::nothing) ||
                       status == static_cast<int>(ExitCode::wrong) || status == static_cast<int>(ExitCode::invalid);
    throw HarnessError(known ? static_cast<ExitCode>(status) : ExitCode::usage,
                       fmt::format("this boot could not be measured, see {}: {}", log.string(), last_line_of(log)));
  }
  Result result = read_result(out);
  fs::remove(out, ignored);
  return result;
}

/// What a plan gives an option that it always has.
std::string word_after(const std::vector<std::string>& plan, const std::string& option) {
  const auto found = std::ranges::find(plan, option);
  return found == plan.end() || found + 1 == plan.end() ? std::string() : *(found + 1);
}

/// Before minutes are spent: is it this step's driver, and a boot that is not kept yet?
void expect_right_time(const DriverUpgrade& kept, const std::string& step, const std::vector<std::string>& plan) {
  expect_new_boot(kept, step, boot_id());
  const bool on_gpu =
      kept.before.empty() ? word_after(plan, "--device") != "cpu" : kept.before.front().device_kind == "cuda";
  std::string driver;
  if (on_gpu) {
    const CheckReport check = check_environment(std::atoi(word_after(plan, "--gpu").c_str()));
    driver = check.environment.driver.value.value_or(std::string());
  }
  expect_driver(kept, step, driver);
}

/// What the step had goes aside only for what can take its place.
void keep(const DriverArguments& a, const UpgradeFolder& folder, const DriverUpgrade& kept, const std::string& step,
          const Result& result) {
  expect_fit(kept, step, result);
  if (a.anew) folder.set_aside(step);
  fmt::print(stderr, "kept: {}\n", folder.keep(step, result).string());
}

void add_boot(const DriverArguments& a, const std::string& step) {
  const UpgradeFolder folder(a.folder);
  DriverUpgrade kept = folder.read();
  if (a.anew) boots_of(kept, step).clear();
  const std::size_t boots = boots_of(kept, step).size();
  if (boots > 0 && !a.append)
    throw HarnessError(ExitCode::usage,
                       fmt::format("{} has {} boot{} already: --append-boot adds this one, --anew begins it again",
                                   step, boots, boots == 1 ? "" : "s"));
  if (!a.result.empty()) {
    keep(a, folder, kept, step, read_result(a.result));
    return;
  }
  std::vector<std::string> plan = folder.plan();
  if (plan.empty()) {
    if (step != "before") expect_driver(kept, step, "");
    plan = run_words(a);
  }
  expect_right_time(kept, step, plan);
  keep(a, folder, kept, step, measure_boot(folder, step, plan));
  folder.write_plan(plan);
}

ExitCode decide(const DriverArguments& a) {
  const UpgradeFolder folder(a.folder);
  const DriverUpgrade upgrade = folder.read();
  if (upgrade.before.empty())
    throw HarnessError(ExitCode::usage,
                       fmt::format("nothing is kept in '{}': kernelgate driver before{}", a.folder.string(),
                                   a.folder == usual_folder ? "" : " --folder ..."));
  UpgradeOptions options;
  options.compare.threshold = share_of("--threshold", a.threshold);
  options.compare.vary = a.vary;
  options.strict = a.strict;
  if (a.folder != usual_folder) options.place = fmt::format(" --folder {}", a.folder.string());
  const UpgradeDecision decision = decide_upgrade(upgrade, options);
  const std::string document = to_json(decision).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  replace_file(folder.path() / "driver.json", document);
  replace_file(a.html.empty() ? folder.path() / "driver.html" : a.html, driver_page(decision, upgrade));
  fmt::print("{}", a.json ? document : coloured(driver_text(decision), stdout));
  fmt::print(stderr, "page: {}\n", (a.html.empty() ? folder.path() / "driver.html" : a.html).string());
  return decision.code;
}

void declare_judging(CLI::App& app, DriverArguments& a) {
  app.add_option("--folder", a.folder, "where the boots are kept")->capture_default_str();
  app.add_option("--threshold", a.threshold,
                 fmt::format("practical threshold, {}; smaller changes count as none", share_unit))
      ->capture_default_str();
  app.add_option("--vary", a.vary, "a setting that may differ, too: kernel; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  app.add_option("--html", a.html, "where the page goes (driver.html in the folder)");
  app.add_flag("--json", a.json, "print the decision as JSON on stdout");
  app.add_flag("--strict", a.strict, "exit 4 while it is not decided");
}

void declare_measuring(CLI::App& app, DriverArguments& a) {
  auto* append = app.add_flag("--append-boot", a.append, "one more boot of this step");
  app.add_flag("--anew", a.anew, "begin this step again; what it had is set aside")->excludes(append);
  app.add_option("--result", a.result, "keep this result of 'kernelgate run' instead of measuring now");
  declare_judging(app, a);
}

void declare_plan(CLI::App& app, DriverArguments& a) {
  app.add_option("--device", a.device, "as of run")
      ->check(CLI::IsMember({"auto", "cuda", "cpu"}))
      ->capture_default_str();
  app.add_option("--gpu", a.gpu, "which GPU, as CUDA counts; one")->check(gpu_number())->capture_default_str();
  app.add_option("--suite", a.suite, "as of run");
  app.add_option("--op", a.ops, "only this op; may be repeated");
  app.add_option("--kernel", a.kernels, "also a kernel of your own, as of run");
  app.add_option("--runs", a.runs, "process runs a boot")->check(CLI::Range(1, 1000))->capture_default_str();
  app.add_option("--require", a.require, "refuse another environment, as of run");
  app.allow_extras();
}

std::function<ExitCode()> add_driver(CLI::App& app) {
  auto arguments = std::make_shared<DriverArguments>();
  app.require_subcommand(1);
  app.footer(driver_footer);
  CLI::App* before = app.add_subcommand("before", "Measure this boot with the old driver");
  declare_measuring(*before, *arguments);
  declare_plan(*before, *arguments);
  before->footer(
      "What is measured is chosen here, and the other steps measure the same; all --benchmark_* flags of run work.\n\n"
      "Example:\n  kernelgate driver before --device cuda --suite default");
  CLI::App* after = app.add_subcommand("after", "Measure this boot with the new driver, and decide");
  declare_measuring(*after, *arguments);
  after->footer("Example:\n  kernelgate driver after --append-boot");
  CLI::App* back = app.add_subcommand("back", "Measure this boot with the old driver installed again, and decide");
  declare_measuring(*back, *arguments);
  back->footer("Example:\n  kernelgate driver back");
  CLI::App* again = app.add_subcommand("decide", "Measure nothing: say again what the kept boots say");
  declare_judging(*again, *arguments);
  again->footer("Example:\n  kernelgate driver decide --threshold 1% --json");
  return [arguments, before, after, back] {
    for (const std::string& word : before->remaining()) {
      if (!word.starts_with("--benchmark_"))
        throw HarnessError(ExitCode::usage, fmt::format("driver before: what is '{}'? See: kernelgate driver before "
                                                        "--help",
                                                        printable(word)));
      arguments->benchmark_flags.push_back(word);
    }
    for (const auto& [sub, step] : {std::pair{before, "before"}, {after, "after"}, {back, "back"}})
      if (sub->parsed()) add_boot(*arguments, step);
    return decide(*arguments);
  };
}

const RegisterCommand registered_driver{{"driver", "A driver upgrade, to one decision", add_driver}};

}  // namespace
}  // namespace kernelgate
