#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/accept/show/show.h"
#include "harness/base/printable.h"

namespace kernelgate::accept {
namespace {

std::string title_of(const Measured& gpu) {
  return fmt::format("GPU {}  {}  serial {}  {}", gpu.gpu, gpu.name.empty() ? "(no name)" : gpu.name,
                     gpu.serial.empty() ? "not known" : gpu.serial, gpu.uuid);
}

std::string figures_of(const Measured& gpu) {
  std::vector<std::string> words;
  if (const auto flop = sustained_flop_per_s(gpu.load); flop.value)
    words.push_back(fmt::format("{:.1f} TFLOP/s", *flop.value / 1e12));
  if (gpu.load.memory.read.value) words.push_back(fmt::format("memory {:.0f} GB/s", *gpu.load.memory.read.value / 1e9));
  if (gpu.links.host_to_device.value)
    words.push_back(fmt::format("host {:.1f} GB/s", *gpu.links.host_to_device.value / 1e9));
  if (!gpu.load.samples.empty()) {
    const Sample& last = gpu.load.samples.back();
    if (last.power_w.value) words.push_back(fmt::format("{:.0f} W", *last.power_w.value));
    if (last.temperature_c.value) words.push_back(fmt::format("{} degrees", *last.temperature_c.value));
  }
  return fmt::format("{}", fmt::join(words, ", "));
}

/// Tests of one subject that did not pass, worst first, without those that were not tested.
std::string open_tests(const Sheet& sheet, std::int64_t gpu) {
  std::string text;
  for (const Outcome outcome : {Outcome::failed, Outcome::inconclusive})
    for (const Tested& test : sheet.tests) {
      if (test.gpu != gpu || test.outcome != outcome) continue;
      text += fmt::format("    {}  {} [{}]: {}\n", outcome == Outcome::failed ? "FAILED" : "INCONCLUSIVE", test.title,
                          test.id, one_line(test.says));
      text += fmt::format("            repeat it: {}\n", repeat_command(sheet, test));
    }
  return text;
}

/// Each reason once, with what it is of.
std::string untested(const Sheet& sheet) {
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> by_reason;
  for (const Tested& test : sheet.tests)
    if (test.outcome == Outcome::not_tested)
      by_reason[{test.id, one_line(test.says)}].push_back(test.gpu == the_machine ? "the machine"
                                                                                  : fmt::format("GPU {}", test.gpu));
  std::string text;
  for (const auto& [what, of] : by_reason)
    text += fmt::format(
        "  {} ({}): {}\n", what.first,
        of.size() == sheet.gpus.size() && of.size() > 1 ? "every GPU" : fmt::format("{}", fmt::join(of, ", ")),
        what.second);
  return text;
}

}  // namespace

std::string sheet_as_text(const Sheet& sheet, bool strict) {
  const Decision decision = decide(sheet, strict);
  std::string text = fmt::format("{}: {}\nnext: {}\n\n", decision.word, decision.headline, decision.next);
  text += fmt::format("{}, driver {}, {} to {}, {}\n", sheet.hostname.empty() ? "this machine" : sheet.hostname,
                      sheet.driver, sheet.started_utc, sheet.ended_utc, sheet.mode);
  const Counts machine = count(sheet.tests, the_machine);
  text += fmt::format("\n  {:12} the machine: {} passed, {} failed, {} not tested\n", standing(sheet, the_machine),
                      machine.passed, machine.failed, machine.not_tested);
  text += open_tests(sheet, the_machine);
  for (const Measured& gpu : sheet.gpus) {
    const Counts own = count(sheet.tests, gpu.gpu);
    text += fmt::format("  {:12} {}\n               {} passed, {} failed, {} inconclusive, {} not tested",
                        standing(sheet, gpu.gpu), one_line(title_of(gpu)), own.passed, own.failed, own.inconclusive,
                        own.not_tested);
    if (const std::string figures = figures_of(gpu); !figures.empty()) text += "; " + figures;
    text += "\n" + open_tests(sheet, gpu.gpu);
  }
  if (const std::string list = untested(sheet); !list.empty()) text += "\nNot tested, which is no pass:\n" + list;
  if (!sheet.notes.empty()) {
    text += "\nWorth knowing:\n";
    for (const std::string& note : sheet.notes) text += fmt::format("  {}\n", one_line(note));
  }
  text += "\nWhat this does not say:\n";
  for (const std::string& line : does_not_say()) text += fmt::format("  {}\n", line);
  return text;
}

}  // namespace kernelgate::accept
