#pragma once
// `kernelgate check` on a machine that is a folder, with made-up driver libraries.

#include <gmock/gmock.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "bench/commands/program_for_test.h"
#include "harness/base/paths_for_test.h"
#include "harness/check/fake/machine_folder_for_test.h"

namespace kernelgate {

class CheckTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    machine_.emplace(scratch_ / "machine", build_folder() / "fake_driver");
    // The GPU that this build has kernels for.
    machine_->driver["cc"] = std::to_string(std::atoi(KERNELGATE_FIRST_ARCH));
  }

  /// Nothing of the environment of whoever runs the tests counts.
  std::string clean_environment() const {
    std::string words = fmt::format("env -i PATH=/usr/bin:/bin HOME='{0}' TMPDIR='{0}' KERNELGATE_FAKE_DRIVER='{1}'",
                                    folder_.string(), machine_->settings_file());
    for (const auto& [name, value] : machine_->variables) words += fmt::format(" {}='{}'", name, value);
    return words;
  }

  int check(const std::string& arguments = "") {
    const int code =
        run(fmt::format("check --json --sysroot '{}' {}", machine_->path(""), arguments), clean_environment());
    report_ = nlohmann::json::parse(out_, nullptr, false);
    EXPECT_TRUE(report_.is_object()) << out_ << err_;
    return code;
  }

  /// Null if there is none.
  nlohmann::json finding(const std::string& id) const {
    for (const nlohmann::json& one : report_["findings"])
      if (one["id"] == id) return one;
    return nullptr;
  }
  /// Of what this build needs; null if there is none.
  nlohmann::json build_finding(const std::string& id) const {
    for (const nlohmann::json& one : report_["build"]["findings"])
      if (one["id"] == id) return one;
    return nullptr;
  }
  std::vector<std::string> causes() const {
    std::vector<std::string> ids;
    for (const nlohmann::json& one : report_["findings"])
      if (one["severity"] == "failure") ids.push_back(one["id"]);
    return ids;
  }

  std::optional<MachineFolder> machine_;
  nlohmann::json report_;
};

// Without CUDA in the program nothing can be measured, and the check of the machine is the same.
inline constexpr bool with_cuda = KERNELGATE_HAS_CUDA;

}  // namespace kernelgate
