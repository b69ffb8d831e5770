#include "harness/history/store/document_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "harness/base/atomic_file.h"
#include "harness/history/store/content_hash.h"
#include "harness/result/result_for_test.h"

namespace kernelgate::history {
namespace {

using kernelgate::for_test::made_case;
using kernelgate::for_test::made_result;
using ::testing::HasSubstr;

TEST(ContentHash, IsTheSameOnEveryMachine) {  // as `xxhsum -H2` prints them: of short texts, and of a long one
  EXPECT_EQ(content_hash(""), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(content_hash("abc"), "06b05ab6733a618578af5f94892f3950");
  EXPECT_EQ(content_hash(std::string(1000, 'a')), "b01da365eddaa29cb3e7af627147db7c");
}

class DocumentReader : public ::testing::Test {
 protected:
  Environments environments_;
  Document read(const std::string& text) { return document_from_text(text, "x.json", environments_); }
  Document read(const Result& result) { return read(dump_lines(to_json(result))); }

  static Result full_result() {
    CaseResult measured = made_case("onednn", {{5, 1, 4, 2, 3}, {1, 1, 1, 1, 9, 9}});
    measured.code_hash = "abc";
    measured.runs[0].sm_clock_hz = {1e9, 2e9, 3e9, 4e9, 5e9};
    measured.runs[0].control_s = {1e-4, 2e-4};
    measured.runs[1].started_utc = "2026-01-02T13:00:00Z";
    measured.runs[1].boot_id = "boot";
    CaseResult few = made_case("few", {{1, 2}}), none = made_case("none", {}), skipped = made_case("skipped", {});
    skipped.status = CaseStatus::skipped;
    skipped.reason = "not \"here\"";
    CaseResult wrong = made_case("wrong", {{1, 1, 1, 1, 1}});
    wrong.status = CaseStatus::wrong;
    wrong.injected = true;
    return made_result({measured, few, none, skipped, wrong});
  }
};

TEST_F(DocumentReader, SaysWhatTheReaderOfWholeResultsSays) {
  const Result result = full_result();
  const Document fast = read(result);
  const Side slow = side_of(result);
  EXPECT_EQ(fast.started_utc, result.started_utc);
  EXPECT_EQ(fast.commit, "0123456789ab");
  EXPECT_TRUE(fast.complete);
  EXPECT_EQ(fast.environment->fingerprint, result.fingerprint);
  ASSERT_EQ(fast.cases.size(), slow.cases.size());
  for (std::size_t i = 0; i < slow.cases.size(); ++i) {
    SCOPED_TRACE(slow.cases[i].name);
    EXPECT_EQ(fast.cases[i].name, slow.cases[i].name);
    EXPECT_EQ(fast.cases[i].status, slow.cases[i].status);
    EXPECT_EQ(fast.cases[i].injected, slow.cases[i].injected);
    EXPECT_EQ(fast.cases[i].code_hash, slow.cases[i].code_hash);
    ASSERT_EQ(fast.cases[i].runs.size(), slow.cases[i].runs.size());
    for (std::size_t r = 0; r < slow.cases[i].runs.size(); ++r) {
      const RunSummary &a = fast.cases[i].runs[r], &b = slow.cases[i].runs[r];
      EXPECT_EQ(a.median_s, b.median_s);
      EXPECT_EQ(a.q1_s, b.q1_s);
      EXPECT_EQ(a.q3_s, b.q3_s);
      EXPECT_EQ(a.samples, b.samples);
      EXPECT_EQ(a.clock_hz, b.clock_hz);
      EXPECT_EQ(a.control_s, b.control_s);
      EXPECT_EQ(a.night, b.night);
      EXPECT_EQ(a.boot, b.boot);
    }
  }
}

TEST_F(DocumentReader, PassesOverWhatNobodyAskedFor) {
  nlohmann::json document = to_json(full_result());
  const nlohmann::json noise = {{"samples_s", {"]", "}\"", nlohmann::json::object()}}, {"kernelgate", 1}};
  document["kernelgate"]["a"] = noise;
  document["kernelgate"]["cases"][0]["a"] = noise;
  document["kernelgate"]["cases"][0]["runs"][0]["a"] = noise;
  document["a"] = noise;
  const Document with = read(document.dump()), without = read(full_result());
  ASSERT_EQ(with.cases.size(), without.cases.size());
  EXPECT_EQ(with.cases[0].runs[0].median_s, without.cases[0].runs[0].median_s);
  EXPECT_EQ(with.cases[0].runs[0].clock_hz, without.cases[0].runs[0].clock_hz);
}

TEST_F(DocumentReader, ReadsNumbersAsTheReaderOfWholeResultsDoes) {
  for (const char* number : {"1", "1e-3", "0.12345678901234567890123", "12345678901234567890123", "1e-400", "1E400",
                             "01", "1.", ".5", "inf", "nan", "\"1\"", "null", "1 2"}) {
    SCOPED_TRACE(number);
    std::string text = to_json(full_result()).dump();
    const auto at = text.find("\"samples_s\":[") + 13;
    text.replace(at, text.find(']', at) - at, fmt::format("{0},{0} , {0}\n,{0},{0}", number));
    std::optional<RunSummary> slow;
    std::string fault;
    try {
      const SideCase one = side_of(result_from_json(parse_json(text, "x.json"), "x.json")).cases.at(0);
      if (!one.runs.empty()) slow = one.runs.at(0);
    } catch (const ResultError& error) {
      fault = error.what();
    }
    if (fault.empty()) {
      const CaseInDocument fast = read(text).cases.at(0);
      ASSERT_EQ(!fast.runs.empty(), slow.has_value());
      if (slow) {
        EXPECT_EQ(fast.runs[0].median_s, slow->median_s);
      }
    } else {
      EXPECT_THROW(read(text), ResultError);
    }
  }
}

TEST_F(DocumentReader, SeesInterruptedAndInjectedDocuments) {
  Result result = full_result();
  result.status = "interrupted";
  result.injection = "slow:.*:2";
  result.build["dirty"] = true;
  const Document document = read(result);
  EXPECT_FALSE(document.complete);
  EXPECT_TRUE(document.injected);
  EXPECT_TRUE(document.dirty);
}

TEST_F(DocumentReader, DocumentsOfOneEnvironmentShareIt) {
  Result other = full_result();
  const Document a = read(full_result()), b = read(other);
  other.fingerprint["covariates"] = {{"temperature", 50}};
  EXPECT_EQ(a.environment, b.environment);
  EXPECT_EQ(a.environment, read(other).environment) << "only identity counts";
  other.fingerprint["identity"]["cores"] = 3;
  EXPECT_NE(a.environment, read(other).environment);
}

TEST_F(DocumentReader, SaysWhatItCantUse) {
  const auto reason = [&](const std::string& text) -> std::string {
    try {
      read(text);
    } catch (const ResultError& error) {
      return error.what();
    }
    return "nothing";
  };
  std::string text = dump_lines(to_json(full_result()));
  EXPECT_THAT(reason(text.substr(0, text.size() / 2)), HasSubstr("cut short"));
  nlohmann::json document = to_json(full_result());
  document["kernelgate"]["schema_version"] = 99;
  EXPECT_THAT(reason(document.dump()), HasSubstr("schema version 99"));
  document = to_json(full_result());
  document["kernelgate"]["cases"][1]["name"] = document["kernelgate"]["cases"][0]["name"];
  EXPECT_THAT(reason(document.dump()), HasSubstr("is there twice"));
  document = to_json(full_result());
  document["kernelgate"]["cases"][0]["runs"][0]["samples_s"][0] = "x";
  EXPECT_THAT(reason(document.dump()), HasSubstr("not a valid result"));
  EXPECT_THROW(read(std::string(R"({"name": "someone else's"})")), ForeignDocument);
  EXPECT_THROW(read(std::string("[1]")), ForeignDocument);
}

}  // namespace
}  // namespace kernelgate::history
