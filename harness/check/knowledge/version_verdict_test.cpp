// NATIVE, MVC, FORWARD_COMPAT, too old: each state at its edges.
#include "harness/check/knowledge/version_verdict.h"

#include <gtest/gtest.h>

#include "harness/check/fake/fake_machines_for_test.h"

namespace kernelgate {
namespace {

TEST(VersionVerdict, KnowsItsStates) {
  const struct {
    const char* driver;
    std::int64_t api, compiled;
    VersionState state;
  } rows[] = {
      {"580.65.06", 13000, 13000, VersionState::native},
      {"580.65.05", 13000, 13000, VersionState::too_old},  // one below the floor of 13.x
      {"595.71.05", 13020, 13000, VersionState::native},
      {"580.95.05", 13000, 13020, VersionState::minor_version},
      {"525.60.13", 12000, 12090, VersionState::minor_version},
      {"525.60.12", 12000, 12090, VersionState::too_old},
      {"580.95.05", 13000, 12080, VersionState::native},  // newer drivers run older programs, always
      {"450.80.02", 11000, 11080, VersionState::minor_version},
      {"535.104.05", 13000, 13000, VersionState::forward_compat},
      {"570.211.01", 12080, 13000, VersionState::too_old},
      {"440.33", 10020, 10020, VersionState::native},
      {"418.39", 10010, 10020, VersionState::too_old},  // before 11 each minor had its own driver
      {"700.10", 14000, 15000, VersionState::too_old},  // a toolkit that the table does not know
      {"700.10", 15010, 15000, VersionState::native},
      {"700.10", 15000, 15010, VersionState::minor_version},
  };
  for (const auto& row : rows) {
    FakeProbe probe = healthy_h200();
    set_driver(probe, row.driver, row.api);
    probe.versions.compiled_with = {row.compiled, ""};
    EXPECT_EQ(judge_versions(read_environment(probe)).state, row.state) << row.driver << " for " << row.compiled;
  }
}

TEST(VersionVerdict, InWslComparesWithWindowsNumbers) {
  FakeProbe probe = healthy_h200();
  probe.files["/dev/dxg"] = "";
  probe.versions.compiled_with = {12080, ""};
  set_driver(probe, "570.65", 12080);
  EXPECT_EQ(judge_versions(read_environment(probe)).state, VersionState::native);
  set_driver(probe, "527.41", 12000);
  EXPECT_EQ(judge_versions(read_environment(probe)).state, VersionState::minor_version);
  set_driver(probe, "527.40", 12000);
  EXPECT_EQ(judge_versions(read_environment(probe)).state, VersionState::too_old);
  probe.versions.compiled_with = {13010, ""};  // no number published: the driver API's version decides
  set_driver(probe, "581.15", 13000);
  EXPECT_EQ(judge_versions(read_environment(probe)).state, VersionState::minor_version);
}

TEST(VersionVerdict, UnknownWithoutFacts) {
  FakeProbe probe = bare_machine();
  EXPECT_EQ(judge_versions(read_environment(probe)).state, VersionState::unknown);
  probe = healthy_h200();
  probe.versions.compiled_with = {std::nullopt, "built without CUDA"};
  EXPECT_EQ(judge_versions(read_environment(probe)).state, VersionState::unknown);
}

}  // namespace
}  // namespace kernelgate
