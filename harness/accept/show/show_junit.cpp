// What was not tested is skipped and what can't be told is an error: neither is a pass.
#include <algorithm>

#include <fmt/format.h>

#include "harness/accept/show/show.h"
#include "harness/base/printable.h"
#include "harness/base/xml_text.h"

namespace kernelgate::accept {
namespace {

std::string body_of(const Sheet& sheet, const Tested& test) {
  const std::string says = xml_escaped(one_line(test.says));
  switch (test.outcome) {
    case Outcome::failed:
      return fmt::format("      <failure type=\"FAILED\" message=\"{}\">repeat it: {}</failure>\n", says,
                         xml_escaped(repeat_command(sheet, test)));
    case Outcome::inconclusive:
      return fmt::format("      <error type=\"INCONCLUSIVE\" message=\"{}\">repeat it: {}</error>\n", says,
                         xml_escaped(repeat_command(sheet, test)));
    case Outcome::not_tested:
      return fmt::format("      <skipped message=\"{}\"/>\n", says);
    case Outcome::passed:
      return fmt::format("      <system-out>{}</system-out>\n", says);
  }
  return "";
}

std::string suite(const Sheet& sheet, const std::string& name, std::int64_t gpu) {
  const Counts counts = count(sheet.tests, gpu);
  std::string cases;
  int all = 0;
  for (const Tested& test : sheet.tests) {
    if (test.gpu != gpu) continue;
    ++all;
    cases += fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\">\n{}    </testcase>\n",
                         xml_escaped(name), xml_escaped(test.id), test.seconds, body_of(sheet, test));
  }
  return fmt::format(
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n{}  </testsuite>\n",
      xml_escaped(name), all, counts.failed, counts.inconclusive, counts.not_tested, cases);
}

}  // namespace

std::string sheet_as_junit(const Sheet& sheet, bool strict) {
  const Decision decision = decide(sheet, strict);
  const bool good = decision.code == ExitCode::good;
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  text +=
      fmt::format("  <testsuite name=\"kernelgate accept\" tests=\"1\" failures=\"{}\" errors=\"0\" skipped=\"0\">\n",
                  good ? 0 : 1);
  text += "    <testcase classname=\"kernelgate accept\" name=\"verdict\" time=\"0\">\n";
  const std::string said = xml_escaped(decision.word + ": " + decision.headline);
  text +=
      good ? fmt::format("      <system-out>{}</system-out>\n", said)
           : fmt::format("      <failure type=\"{}\" message=\"{}\">exit code {}; {}</failure>\n",
                         xml_escaped(decision.word), said, static_cast<int>(decision.code), xml_escaped(decision.next));
  text += "    </testcase>\n  </testsuite>\n";
  text += suite(sheet, "kernelgate accept the machine", the_machine);
  for (const Measured& gpu : sheet.gpus)
    text += suite(sheet, fmt::format("kernelgate accept GPU {} {}", gpu.gpu, gpu.uuid), gpu.gpu);
  return text + "</testsuites>\n";
}

}  // namespace kernelgate::accept
