// No verdict across an undeclared difference: every field of the real identities, in every way it can differ.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include <fmt/format.h>

#include "harness/check/fake/fake_machines_for_test.h"
#include "harness/check/fingerprint.h"
#include "harness/judge/compare/compare.h"
#include "harness/judge/compare/fingerprint_mutations_for_test.h"
#include "harness/result/result_for_test.h"

namespace kernelgate {
namespace {

using for_test::made_case;
using for_test::made_result;
using for_test::Mutation;
using for_test::mutations_of;
using nlohmann::json;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

json identity_of(const char* kind) { return fingerprint(read_environment(healthy_h200()), kind)["identity"]; }

/// A result that shows a clear change of one case and none of another, on a device of this kind.
Result result_on(const json& identity, const char* kind, double factor) {
  const auto runs = [](double level) {
    return std::vector<std::vector<double>>(5, std::vector<double>{level, level * 1.001, level, level * 0.999, level});
  };
  Result result = made_result({made_case("onednn", runs(1e-3 * factor)), made_case("ours", runs(2e-3))});
  result.device_kind = kind;
  result.fingerprint = {{"identity", identity}};
  return result;
}

Comparison compared(const Mutation& mutation, const char* kind, const CompareOptions& options = {}) {
  return compare(result_on(mutation.before, kind, 1), result_on(mutation.after, kind, 1.5), options);
}

class Refusal : public ::testing::TestWithParam<const char*> {};

TEST_P(Refusal, EverySingleDifferenceIsRefusedAndNamed) {
  const std::vector<Mutation> mutations = mutations_of(identity_of(GetParam()));
  EXPECT_GT(mutations.size(), 60u);
  for (const Mutation& mutation : mutations) {
    SCOPED_TRACE(mutation.field + ", " + mutation.how);
    const Comparison comparison = compared(mutation, GetParam());
    EXPECT_EQ(comparison.exit_code(false), ExitCode::refused);
    ASSERT_EQ(comparison.differences.size(), 1u);
    EXPECT_THAT(comparison.differences[0], StartsWith(mutation.field + ": "));
    EXPECT_THAT(comparison.differences[0], HasSubstr(" -> "));
    ASSERT_EQ(comparison.cases.size(), 2u);
    for (const CaseVerdict& one : comparison.cases) {
      EXPECT_EQ(one.verdict, Verdict::not_comparable);
      EXPECT_FALSE(one.ratio);
    }
  }
  RecordProperty("mutations", static_cast<int>(mutations.size()));
}

TEST_P(Refusal, EveryDifferenceThatIsDeclaredIsJudged) {
  for (const Mutation& mutation : mutations_of(identity_of(GetParam()))) {
    SCOPED_TRACE(mutation.field + ", " + mutation.how);
    CompareOptions options;
    options.vary = {mutation.field};
    const Comparison comparison = compared(mutation, GetParam(), options);
    EXPECT_THAT(comparison.differences, IsEmpty());
    ASSERT_EQ(comparison.declared.size(), 1u);
    EXPECT_THAT(comparison.declared[0], StartsWith(mutation.field + ": "));
    EXPECT_EQ(comparison.cases.at(0).verdict, Verdict::slower);
    EXPECT_EQ(comparison.cases.at(0).attribution, "environment");
    // Judged; whether these few runs show equality is for the statistics' own tests.
    EXPECT_THAT(comparison.cases.at(1).verdict, AnyOf(Verdict::same, Verdict::inconclusive));
    EXPECT_TRUE(comparison.cases.at(1).ratio);
    EXPECT_EQ(comparison.exit_code(false), ExitCode::regression);
  }
}

TEST_P(Refusal, DeclaringOneFieldAllowsNoOther) {
  const json identity = identity_of(GetParam());
  for (const auto& [field, unused] : identity.items()) {
    for (const auto& [other, value] : identity.items()) {
      if (other == field || (field == "driver" && other == "cuda_driver_api")) continue;  // which the driver brings
      json changed = identity;
      changed[field] = "changed";
      changed[other] = "changed too";
      CompareOptions options;
      options.vary = {field};
      const Comparison comparison = compared({field, "", identity, changed}, GetParam(), options);
      EXPECT_EQ(comparison.exit_code(false), ExitCode::refused) << field << " declared, and " << other << " differs";
      ASSERT_EQ(comparison.differences.size(), 1u);
      EXPECT_THAT(comparison.differences[0], StartsWith(other + ": "));
    }
  }
}

TEST_P(Refusal, WhatIsMissingOnBothSidesIsNoDifference) {
  const json identity = identity_of(GetParam());
  for (const auto& [field, value] : identity.items()) {
    json before = identity, after = identity;
    before[field] = for_test::missing_fact("no permission");
    after[field] = for_test::missing_fact("not supported by this GPU");
    EXPECT_THAT(compared({field, "", before, after}, GetParam()).differences, IsEmpty());
    after.erase(field);
    EXPECT_THAT(compared({field, "", before, after}, GetParam()).differences, IsEmpty());
  }
}

TEST_P(Refusal, NoDeclarationMakesACpuAGpu) {
  const char* kind = GetParam();
  const char* other = std::string_view(kind) == "cpu" ? "cuda" : "cpu";
  const json before = identity_of(kind), after = identity_of(other);
  std::set<std::string> fields;
  for (const json* identity : {&before, &after})
    for (const auto& [field, value] : identity->items()) fields.insert(field);
  CompareOptions all;
  all.vary = {fields.begin(), fields.end()};
  Result base = result_on(before, kind, 1), fresh = result_on(after, other, 1);
  Comparison comparison = compare(base, fresh, all);
  EXPECT_EQ(comparison.exit_code(false), ExitCode::refused);
  EXPECT_THAT(comparison.differences.at(0), StartsWith("device_kind: "));
  for (const CaseVerdict& one : comparison.cases) EXPECT_EQ(one.verdict, Verdict::not_comparable);
  // Nor does a fingerprint that says so.
  fresh.fingerprint = base.fingerprint;
  all.vary.clear();
  comparison = compare(base, fresh, all);
  EXPECT_EQ(comparison.exit_code(false), ExitCode::refused);
  EXPECT_EQ(comparison.differences.size(), 1u);
}

TEST_P(Refusal, AFingerprintThatIsNoneIsRefused) {
  const Result good = result_on(identity_of(GetParam()), GetParam(), 1);
  for (const json& none : {json(), json(3), json("text"), json::array(), json::object(), json{{"identity", nullptr}},
                           json{{"identity", json::array()}}, json{{"identity", json::object()}}}) {
    Result bad = good;
    bad.fingerprint = none;
    EXPECT_EQ(compare(good, bad, {}).exit_code(false), ExitCode::refused) << none;
    EXPECT_EQ(compare(bad, good, {}).exit_code(false), ExitCode::refused) << none;
    EXPECT_EQ(compare(bad, bad, {}).exit_code(false), ExitCode::refused) << none;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Refusal, ::testing::Values("cuda", "cpu"),
                         [](const auto& kind) { return std::string(kind.param); });

TEST(Identity, HoldsWhatMustMatch) {
  const json cuda = identity_of("cuda"), cpu = identity_of("cpu");
  for (const char* field :
       {"kind", "timing_version", "gpu_name", "gpu_uuid", "sm_count", "memory_bytes", "mig", "ecc", "vbios",
        "power_limit_w", "application_clock_sm_hz", "application_clock_memory_hz", "clock_lock", "driver",
        "cuda_driver_api", "cuda_runtime", "cuda_compiled_with", "cpu_model"})
    EXPECT_TRUE(cuda.contains(field)) << field;
  for (const char* field :
       {"kind", "timing_version", "cpu_model", "cpu_family", "cpu_isa", "usable_cores", "cpu_quota_cores", "governor"})
    EXPECT_TRUE(cpu.contains(field)) << field;
}

}  // namespace
}  // namespace kernelgate
