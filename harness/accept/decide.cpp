// From tests to one decision.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/accept/sheet.h"

namespace kernelgate::accept {
namespace {

void add(Counts& counts, Outcome outcome) {
  int Counts::*const of[] = {&Counts::passed, &Counts::failed, &Counts::not_tested, &Counts::inconclusive};
  ++(counts.*of[static_cast<std::size_t>(outcome)]);
}

/// "GPU 0, GPU 3, the machine"
std::string who(const Tests& tests, Outcome outcome) {
  std::set<std::int64_t> subjects;
  for (const Tested& test : tests)
    if (test.outcome == outcome) subjects.insert(test.gpu);
  std::vector<std::string> words;
  for (const std::int64_t gpu : subjects)
    words.push_back(gpu == the_machine ? "the machine" : fmt::format("GPU {}", gpu));
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string plural(int n, const char* word) { return fmt::format("{} {}{}", n, word, n == 1 ? "" : "s"); }

const Tested* first(const Tests& tests, Outcome outcome) {
  const auto found = std::ranges::find(tests, outcome, &Tested::outcome);
  return found == tests.end() ? nullptr : &*found;
}

/// Products on a GPU: what acceptance is about. Without any of it nothing was accepted.
bool worked(const Sheet& sheet) {
  return std::ranges::any_of(sheet.tests, [](const Tested& test) {
    return test.id.starts_with("sdc.") && test.id != "sdc.self_test" && test.outcome != Outcome::not_tested;
  });
}

}  // namespace

Counts count(const Tests& tests, std::int64_t gpu) {
  Counts counts;
  for (const Tested& test : tests)
    if (test.gpu == gpu) add(counts, test.outcome);
  return counts;
}

Counts count_all(const Tests& tests) {
  Counts counts;
  for (const Tested& test : tests) add(counts, test.outcome);
  return counts;
}

const char* standing(const Sheet& sheet, std::int64_t gpu) {
  const Counts counts = count(sheet.tests, gpu);
  return word_of(counts.failed > 0         ? Outcome::failed
                 : counts.inconclusive > 0 ? Outcome::inconclusive
                 : counts.passed > 0       ? Outcome::passed
                                           : Outcome::not_tested);
}

Decision decide(const Sheet& sheet, bool strict) {
  const Counts all = count_all(sheet.tests);
  const std::string gpus = plural(static_cast<int>(sheet.gpus.size()), "GPU");
  const std::string untested = all.not_tested == 0
                                   ? "nothing was left untested"
                                   : fmt::format("{} of {} tests were not tested", all.not_tested, sheet.tests.size());
  if (all.failed > 0)
    return {"REFUSED",
            fmt::format("{} failed on {} of {}; {}", plural(all.failed, "test"), who(sheet.tests, Outcome::failed),
                        gpus, untested),
            "repeat it: " + repeat_command(sheet, *first(sheet.tests, Outcome::failed)), ExitCode::refused};
  if (!worked(sheet))
    return {"NOT DECIDED", fmt::format("{}, and no product was tested on any; {}", gpus, untested),
            "see why below; then: kernelgate check", ExitCode::nothing};
  if (all.inconclusive > 0)
    return {"NOT DECIDED",
            fmt::format("{} of {} can't be told, on {}; {}", plural(all.inconclusive, "test"), gpus,
                        who(sheet.tests, Outcome::inconclusive), untested),
            "repeat it: " + repeat_command(sheet, *first(sheet.tests, Outcome::inconclusive)), ExitCode::invalid};
  return {"ACCEPTED", fmt::format("{}, {} passed; {}", gpus, plural(all.passed, "test"), untested),
          "keep the sheet; after a year, or a repair: kernelgate accept --against SHEET.json",
          strict && all.not_tested > 0 ? ExitCode::inconclusive : ExitCode::good};
}

std::string repeat_command(const Sheet& sheet, const Tested& test) {
  if (test.id.starts_with("preflight.")) return "kernelgate check --policy acceptance";
  std::string command = "kernelgate accept";
  // Beside the others it takes the others.
  if (test.gpu != the_machine && !test.id.starts_with("node.") && test.id != "link.peer")
    command += fmt::format(" --gpu {}", test.gpu);
  if (sheet.mode == "quick") command += " --quick";
  if (sheet.mode == "long") command += fmt::format(" --hours {:g}", sheet.steady_s / 3600);
  if (test.id.starts_with("against.") && !sheet.against.empty()) command += " --against " + sheet.against;
  return command;
}

}  // namespace kernelgate::accept
