#include "harness/report/closing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/base/printable.h"
#include "harness/base/quantity.h"

namespace kernelgate {
namespace {

const char* meaning(ExitCode code) {
  switch (code) {
    case ExitCode::good:
      return "good";
    case ExitCode::usage:
      return "the command was not understood, or the program failed";
    case ExitCode::wrong:
      return "a wrong result";
    case ExitCode::regression:
      return "something is slower";
    case ExitCode::inconclusive:
      return "not decided, and --strict asks for more";
    case ExitCode::refused:
      return "these can't be compared";
    case ExitCode::invalid:
      return "the measuring was disturbed";
    case ExitCode::nothing:
      return "nothing was measured";
  }
  return "";
}

using Cases = std::vector<CaseVerdict>;

std::ptrdiff_t count(const Cases& cases, Verdict verdict) {
  return std::ranges::count(cases, verdict, &CaseVerdict::verdict);
}

std::string cases_text(std::ptrdiff_t n) { return n == 1 ? "1 case" : fmt::format("{} cases", n); }

/// "matmul/.../hot (+10.2 %)", with what moved most first, and how many more.
std::string named(const Cases& cases, Verdict verdict) {
  const auto moved = [](const CaseVerdict& one) { return std::abs(std::log(one.ratio.value_or(1))); };
  const CaseVerdict* most = nullptr;
  for (const CaseVerdict& one : cases)
    if (one.verdict == verdict && (most == nullptr || moved(one) > moved(*most))) most = &one;
  if (most == nullptr) return "";
  std::string text = most->name;
  if (most->ratio) text += fmt::format(" ({})", show_change(*most->ratio));
  const std::ptrdiff_t more = count(cases, verdict) - 1;
  return more == 0 ? text : fmt::format("{} and {} more", text, more);
}

std::string decided_of_wrong(const Cases& cases) {
  const auto wrong = std::ranges::find(cases, true, &CaseVerdict::wrong);
  return wrong == cases.end() ? "a kernel is wrong on the host executor; it is named above"
                              : fmt::format("{} computes something wrong", wrong->name);
}

std::string decided_of_invalid(const Closing& closing) {
  const Cases& cases = closing.comparison->cases;
  if (closing.result != nullptr && closing.result->status == "interrupted")
    return "nothing; the run was interrupted, and what it had measured is kept";
  if (const std::string slower = named(cases, Verdict::slower); !slower.empty())
    return fmt::format("the machine itself was slower, and so was {}", slower);
  const std::string invalid = named(cases, Verdict::invalid);
  return invalid.empty() ? "nothing; a case could not be measured, see above"
                         : fmt::format("nothing can be said of {}; the reasons are above", invalid);
}

/// No earlier result has any of the cases that were measured.
bool is_first(const Cases& cases) {
  const std::ptrdiff_t unknown = count(cases, Verdict::no_baseline);
  return unknown > 0 && unknown + count(cases, Verdict::skipped) == std::ssize(cases);
}

std::string decided_of_good(const Cases& cases) {
  const auto all = std::ssize(cases);
  const std::ptrdiff_t same = count(cases, Verdict::same), faster = count(cases, Verdict::faster);
  const std::ptrdiff_t undecided = count(cases, Verdict::inconclusive) + count(cases, Verdict::possible);
  if (is_first(cases))
    return fmt::format("nothing yet; {} measured, and there is no earlier result to compare with",
                       cases_text(count(cases, Verdict::no_baseline)));
  std::string text = "nothing is shown to be slower";
  if (same > 0) text += fmt::format("; {} of {} the same", same, all);
  if (faster > 0) text += fmt::format("; faster is {}", named(cases, Verdict::faster));
  if (undecided > 0) text += fmt::format("; {} not decided", undecided);
  return text;
}

/// Of a result that was compared with nothing.
std::string decided_alone(const Result& result) {
  const auto is = [&](CaseStatus status) { return std::ranges::count(result.cases, status, &CaseResult::status); };
  std::string text = fmt::format("{} measured", cases_text(is(CaseStatus::measured)));
  for (CaseStatus status : {CaseStatus::wrong, CaseStatus::invalid, CaseStatus::error, CaseStatus::skipped})
    if (is(status) > 0) text += fmt::format(", {} {}", is(status), to_string(status));
  if (result.status != "complete") text += "; the run was " + result.status;
  return text + "; compared with nothing";
}

std::string decided(const Closing& closing) {
  if (closing.comparison == nullptr)
    return closing.result != nullptr ? decided_alone(*closing.result) : "nothing; there is nothing to compare";
  const Cases& cases = closing.comparison->cases;
  switch (closing.code) {
    case ExitCode::wrong:
      return decided_of_wrong(cases);
    case ExitCode::regression:
      return fmt::format("slower is {}", named(cases, Verdict::slower));
    case ExitCode::inconclusive:
      if (closing.comparison->base_expired) return "nothing; the baseline has expired";
      return fmt::format("{} of {} are not shown to be the same",
                         count(cases, Verdict::inconclusive) + count(cases, Verdict::possible),
                         cases_text(std::ssize(cases)));
    case ExitCode::refused:
      return closing.comparison->differences.empty()
                 ? "nothing; the two sides can't be compared"
                 : fmt::format("nothing; the two sides differ: {}", closing.comparison->differences.front());
    case ExitCode::invalid:
      return decided_of_invalid(closing);
    case ExitCode::nothing:
      return "nothing; no case was measured, and the reasons are above";
    default:
      return decided_of_good(cases);
  }
}

std::string next_of_good(const Closing& closing) {
  const Cases& cases = closing.comparison->cases;
  if (closing.result != nullptr && is_first(cases))
    return fmt::format("kernelgate baseline accept {} --reason 'first run'   (later runs are then compared with it)",
                       closing.result_path);
  if (count(cases, Verdict::inconclusive) + count(cases, Verdict::possible) > 0)
    return "kernelgate run --runs 10   (more process runs decide more)";
  return "nothing needs to be done";
}

std::string next_alone(const Closing& closing) {
  if (closing.code == ExitCode::good)
    return fmt::format("kernelgate compare BASE {}   (is anything slower than it was?)", closing.result_path);
  return closing.code == ExitCode::wrong ? "kernelgate verify   (it names the element)"
                                         : "kernelgate check   (is the machine fit, and if not, why)";
}

std::string next(const Closing& closing) {
  if (closing.comparison == nullptr) return next_alone(closing);
  const Cases& cases = closing.comparison->cases;
  switch (closing.code) {
    case ExitCode::wrong: {
      const auto wrong = std::ranges::find(cases, true, &CaseVerdict::wrong);
      return wrong == cases.end() ? std::string("kernelgate verify --device simt   (it names the element)")
                                  : fmt::format("kernelgate verify --op {}   (it names the element)", wrong->op);
    }
    case ExitCode::regression:
      return closing.against_build ? "kernelgate codegen --changes   (did the compiler make other code of it?)"
                                   : "kernelgate run --against BUILD   (fresh runs of both builds decide)";
    case ExitCode::inconclusive:
      if (closing.comparison->base_expired) return "kernelgate baseline accept RESULT --reason TEXT";
      return "kernelgate run --runs 10   (more process runs decide more)";
    case ExitCode::refused: {
      const auto& differences = closing.comparison->differences;
      return differences.empty() ? std::string("kernelgate check --diff A B   (what differs between two environments)")
                                 : fmt::format("add --vary {}, if that is what you compare",
                                               differences.front().substr(0, differences.front().find(':')));
    }
    case ExitCode::invalid:
      return "let the machine get quiet, and run the same again";
    case ExitCode::nothing:
      return "kernelgate check   (is the GPU fit, and if not, why)";
    default:
      return next_of_good(closing);
  }
}

}  // namespace

ClosingWords closing_words(const Closing& closing) {
  return {one_line(decided(closing)), meaning(closing.code), one_line(next(closing))};
}

Headword headword(const Closing& closing) {
  switch (closing.code) {
    case ExitCode::wrong:
      return {"WRONG", News::bad};
    case ExitCode::regression:
      return {"SLOWER", News::bad};
    case ExitCode::refused:
      return {"NOT COMPARABLE", News::bad};
    case ExitCode::invalid:
      return {"INVALID", News::bad};
    case ExitCode::nothing:
      return {"NOTHING MEASURED", News::unsure};
    case ExitCode::inconclusive:
      return {"NOT DECIDED", News::unsure};
    default:
      break;
  }
  if (closing.comparison == nullptr) return {"MEASURED", News::none};
  const Cases& cases = closing.comparison->cases;
  if (is_first(cases)) return {"FIRST RUN", News::none};
  if (count(cases, Verdict::faster) > 0) return {"FASTER", News::good};
  if (count(cases, Verdict::same) == 0) return {"NOT DECIDED", News::unsure};
  return {"NOT SLOWER", News::good};
}

std::string closing_text(const Closing& closing) {
  const ClosingWords words = closing_words(closing);
  return fmt::format("Decided: {}.\nExit code {}: {}.\nNext: {}\n", words.decided, static_cast<int>(closing.code),
                     words.meaning, words.next);
}

ExitCode code_of(const Result& result) {
  ExitCode code = result.status == "interrupted" ? ExitCode::invalid : ExitCode::good;
  bool anything = false;
  for (const CaseResult& one : result.cases) {
    anything = anything || one.status != CaseStatus::skipped;
    if (one.status == CaseStatus::wrong) code = worse(code, ExitCode::wrong);
    if (one.status == CaseStatus::invalid || one.status == CaseStatus::error) code = worse(code, ExitCode::invalid);
  }
  return anything ? code : worse(code, ExitCode::nothing);
}

}  // namespace kernelgate
