#pragma once
// Where a driver upgrade is kept between its reboots: a folder with a result a boot.
//   plan.json            how `kernelgate run` was asked, so that every boot measures the same
//   before/boot-1.json   the results, with the old driver, ...
//   after/boot-1.json    with the new one,
//   back/boot-1.json     and with the old one again
//   driver.html, driver.json   what they say together

#include <filesystem>
#include <string>
#include <vector>

#include "harness/judge/driver/upgrade.h"

namespace kernelgate {

inline constexpr const char* upgrade_steps[] = {"before", "after", "back"};

class UpgradeFolder {
 public:
  explicit UpgradeFolder(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }

  /// Everything that is kept. Errors  ResultError, which names the file.
  DriverUpgrade read() const;

  /// The options of `kernelgate run`; empty: nothing was measured here yet. Errors  ResultError.
  std::vector<std::string> plan() const;
  void write_plan(const std::vector<std::string>& words) const;

  /// Where the next boot of a step is measured to, and where what was said meanwhile goes.
  std::filesystem::path measuring(const std::string& step) const;
  std::filesystem::path log(const std::string& step) const;

  /// Keeps a result as the step's next boot. Returns its file. Errors  as expect_fit, and write_result.
  std::filesystem::path keep(const std::string& step, const Result& result) const;

  /// What was kept of a step goes to a folder beside it, `after.1`: nothing that was measured is deleted.
  void set_aside(const std::string& step) const;

 private:
  std::vector<std::filesystem::path> files(const std::string& step) const;

  std::filesystem::path path_;
};

/// The boots of a step. Errors  std::out_of_range.
const std::vector<Result>& boots_of(const DriverUpgrade& upgrade, const std::string& step);
std::vector<Result>& boots_of(DriverUpgrade& upgrade, const std::string& step);

/// Whether a result may be the step's next boot. Errors  HarnessError: it is interrupted (invalid), of several boots,
/// of a boot that is kept already, of another driver than the step, or another device or suite than what is kept.
void expect_fit(const DriverUpgrade& upgrade, const std::string& step, const Result& result);

/// Whether a result of `driver` may be kept in `step`. Errors  HarnessError: `before` is not measured yet (usage); it
/// is not the driver that the step is of (refused), with what to do.
void expect_driver(const DriverUpgrade& upgrade, const std::string& step, const std::string& driver);

/// Errors  HarnessError(usage): this boot is kept already.
void expect_new_boot(const DriverUpgrade& upgrade, const std::string& step, const std::string& boot);

}  // namespace kernelgate
