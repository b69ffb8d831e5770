// JUnit XML: each diagnosis, each requirement and each line of a policy is a test case, so that a CI server shows which
// one failed.
#include <fmt/ostream.h>

#include <algorithm>
#include <map>

#include "harness/base/xml_text.h"
#include "harness/check/show/check_format.h"

namespace kernelgate {
namespace {

enum class Outcome { passed, failed, skipped };

struct TestCase {
  std::string group, name;
  Outcome outcome = Outcome::passed;
  std::string message, text;
};

std::string joined(const Finding& finding) {
  std::string text;
  for (const std::string& line : finding.evidence) text += "seen:   " + line + "\n";
  for (const std::string& line : finding.remedies) text += "remedy: " + line + "\n";
  return text;
}

void add_policy(const PolicyReport& policy, bool strict, std::vector<TestCase>& cases) {
  const PolicySeverity least = strict ? PolicySeverity::warn : PolicySeverity::fail;
  for (const PolicyOutcome& line : policy.lines) {
    TestCase one{"kernelgate.policy." + policy.policy.name, line.line.id, Outcome::passed, "", ""};
    if (!line.holds()) {
      if (line.line.severity >= least) one.outcome = Outcome::failed;
      one.message = line.why();
      one.text = line.line.text;
    }
    cases.push_back(std::move(one));
  }
}

std::vector<TestCase> cases_of(const Check& check) {
  std::vector<TestCase> cases;
  for (const Diagnosis* diagnosis : all_diagnoses()) {
    TestCase one{"kernelgate.check", diagnosis->id, Outcome::passed, "", ""};
    const auto found = std::ranges::find(check.report.findings, diagnosis->id, &Finding::id);
    if (found != check.report.findings.end()) {
      const bool fails = found->severity == Severity::failure || (check.strict && found->severity == Severity::warning);
      if (fails) one.outcome = check.report.gpu_present ? Outcome::failed : Outcome::skipped;
      one.message = found->summary;
      one.text = joined(*found);
    }
    // What this build lacks fails no machine, and is not tested here: a skip that is seen.
    const auto lack = std::ranges::find(check.report.build_findings, diagnosis->id, &Finding::id);
    if (lack != check.report.build_findings.end()) {
      one.group = "kernelgate.build";
      one.outcome = lack->severity == Severity::failure ? Outcome::skipped : Outcome::passed;
      one.message = "this build of kernelgate: " + lack->summary;
      one.text = joined(*lack);
    }
    cases.push_back(std::move(one));
  }
  if (check.policy) add_policy(*check.policy, check.strict, cases);
  for (const RequirementOutcome& outcome : check.requirements) {
    cases.push_back({"kernelgate.require", outcome.requirement.text(), outcome.met ? Outcome::passed : Outcome::failed,
                     "there is " + outcome.actual, ""});
  }
  return cases;
}

class JUnit final : public CheckFormat {
 public:
  void write(std::ostream& out, const Check& check) const override {
    const std::vector<TestCase> cases = cases_of(check);
    const auto failures = std::ranges::count(cases, Outcome::failed, &TestCase::outcome);
    const auto skipped = std::ranges::count(cases, Outcome::skipped, &TestCase::outcome);
    fmt::print(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    fmt::print(out,
               "  <testsuite name=\"kernelgate check\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n",
               cases.size(), failures, skipped);
    fmt::print(out, "    <properties><property name=\"verdict\" value=\"{}\"/></properties>\n",
               xml_escaped(check.headline()));
    for (const TestCase& one : cases) {
      fmt::print(out, "    <testcase classname=\"{}\" name=\"{}\"", xml_escaped(one.group), xml_escaped(one.name));
      if (one.outcome == Outcome::passed && one.message.empty()) {
        fmt::print(out, "/>\n");
        continue;
      }
      fmt::print(out, ">\n");
      if (one.outcome == Outcome::failed) {
        fmt::print(out, "      <failure message=\"{}\">{}</failure>\n", xml_escaped(one.message),
                   xml_escaped(one.text));
      } else if (one.outcome == Outcome::skipped) {
        fmt::print(out, "      <skipped message=\"{}\"/>\n", xml_escaped(one.message));
      } else {
        fmt::print(out, "      <system-out>{}\n{}</system-out>\n", xml_escaped(one.message), xml_escaped(one.text));
      }
      fmt::print(out, "    </testcase>\n");
    }
    fmt::print(out, "  </testsuite>\n</testsuites>\n");
  }
};

const JUnit format;
const RegisterCheckFormat format_registered{
    {"junit", "JUnit XML: a test case for each diagnosis, requirement and line of a policy", &format}};

}  // namespace
}  // namespace kernelgate
