#include "bench/run/driver/upgrade_folder.h"

#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "harness/base/atomic_file.h"
#include "harness/judge/driver/boot_side.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int plan_version = 1;

}  // namespace

std::vector<fs::path> UpgradeFolder::files(const std::string& step) const {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (int number = 1;; ++number) {
    const fs::path file = path_ / step / fmt::format("boot-{}.json", number);
    if (!fs::exists(file, ignored)) return found;
    found.push_back(file);
  }
}

DriverUpgrade UpgradeFolder::read() const {
  DriverUpgrade upgrade;
  std::vector<Result>* const steps[] = {&upgrade.before, &upgrade.after, &upgrade.back};
  for (std::size_t i = 0; i < std::size(steps); ++i)
    for (const fs::path& file : files(upgrade_steps[i])) steps[i]->push_back(read_result(file));
  return upgrade;
}

std::vector<std::string> UpgradeFolder::plan() const {
  const fs::path file = path_ / "plan.json";
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return {};
  const json document = read_json(file);
  if (!document.is_object() || document.value("kernelgate_driver_plan", 0) != plan_version || !document.contains("run"))
    throw ResultError(fmt::format("'{}' is no plan of this program: begin again in another folder", file.string()));
  try {
    return document["run"].get<std::vector<std::string>>();
  } catch (const json::exception&) {
    throw ResultError(fmt::format("'{}' is damaged: begin again in another folder", file.string()));
  }
}

void UpgradeFolder::write_plan(const std::vector<std::string>& words) const {
  fs::create_directories(path_);
  replace_file(path_ / "plan.json", json{{"kernelgate_driver_plan", plan_version}, {"run", words}}.dump(1) + "\n");
}

fs::path UpgradeFolder::measuring(const std::string& step) const {
  fs::create_directories(path_ / step);
  return path_ / step / "measuring.json";
}

fs::path UpgradeFolder::log(const std::string& step) const {
  fs::create_directories(path_ / step);
  return path_ / step / "measuring.log";
}

fs::path UpgradeFolder::keep(const std::string& step, const Result& result) const {
  expect_fit(read(), step, result);
  const fs::path file = path_ / step / fmt::format("boot-{}.json", files(step).size() + 1);
  fs::create_directories(file.parent_path());
  write_result(result, file);
  return file;
}

void UpgradeFolder::set_aside(const std::string& step) const {
  std::error_code ignored;
  if (!fs::exists(path_ / step, ignored)) return;
  int number = 1;
  while (fs::exists(path_ / fmt::format("{}.{}", step, number), ignored)) ++number;
  fs::rename(path_ / step, path_ / fmt::format("{}.{}", step, number));
}

const std::vector<Result>& boots_of(const DriverUpgrade& upgrade, const std::string& step) {
  if (step == "before") return upgrade.before;
  if (step == "after") return upgrade.after;
  if (step == "back") return upgrade.back;
  throw std::out_of_range("a driver upgrade has no step '" + step + "'");
}

std::vector<Result>& boots_of(DriverUpgrade& upgrade, const std::string& step) {
  return const_cast<std::vector<Result>&>(boots_of(std::as_const(upgrade), step));
}

void expect_fit(const DriverUpgrade& upgrade, const std::string& step, const Result& result) {
  if (result.status != "complete")
    throw ResultError(fmt::format("the run is {}; nothing of it is kept", result.status), ExitCode::invalid);
  expect_new_boot(upgrade, step, boot_of(result));
  expect_driver(upgrade, step, driver_of(result));
  // What a reboot resets is the decision's to find; this can't be the same measurement at all.
  const auto refuse = [&](const char* what, const std::string& was, const std::string& is) {
    throw ResultError(fmt::format("it is of another {}, '{}', than what is kept, '{}'", what, is, was),
                      ExitCode::refused);
  };
  if (!upgrade.before.empty()) {
    const Result& first = upgrade.before.front();
    if (first.device != result.device) refuse("device", first.device, result.device);
    if (first.suite != result.suite) refuse("suite", first.suite, result.suite);
  }
  for (const Result& one : boots_of(upgrade, step))
    if (one.injection != result.injection) refuse("injection", one.injection, result.injection);
}

void expect_driver(const DriverUpgrade& upgrade, const std::string& step, const std::string& driver) {
  if (step != "before" && upgrade.before.empty())
    throw HarnessError(ExitCode::usage,
                       "nothing was measured with the old driver: kernelgate driver before, and then upgrade");
  if (driver.empty()) return;  // a CPU has none
  const auto refuse = [&](const std::string& why) { throw HarnessError(ExitCode::refused, why); };
  const std::string old = upgrade.before.empty() ? driver : driver_of(upgrade.before.front());
  const std::vector<Result>& boots = boots_of(upgrade, step);
  const std::string of_step = boots.empty() ? driver : driver_of(boots.front());
  if (step == "back" && driver != old)
    refuse(fmt::format("driver {} is here, and {} was measured as the old one: install that again", driver, old));
  if (step == "after" && driver == old)
    refuse(fmt::format("driver {} is still here, the one of before: install the new one and reboot", driver));
  if (driver != of_step)
    refuse(
        fmt::format("driver {} is here, and {} was measured with {}: one step is of one driver; begin it again with "
                    "--anew",
                    driver, step, of_step));
}

void expect_new_boot(const DriverUpgrade& upgrade, const std::string& step, const std::string& boot) {
  for (const char* other : upgrade_steps)
    for (std::size_t i = 0; i < boots_of(upgrade, other).size(); ++i)
      if (boot_of(boots_of(upgrade, other)[i]) == boot)
        throw HarnessError(
            ExitCode::usage,
            fmt::format("this boot is measured already, as boot {} of {}: reboot, then: kernelgate driver "
                        "{} --append-boot",
                        i + 1, other, step));
}

}  // namespace kernelgate
