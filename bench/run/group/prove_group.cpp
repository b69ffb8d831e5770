#include "bench/run/group/prove_group.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>

namespace kernelgate {
namespace {

// Above this a third and a fourth launch on a CPU are not worth what they tell.
constexpr double cpu_repeat_flop = 2e9;

VerificationRecord record_of(const Verification& found) {
  VerificationRecord record;
  record.right = found.right;
  record.checked = found.checked;
  record.outputs = found.outputs;
  record.max_error = found.max_error;
  // JSON has no infinity: a NaN, or an error where none is allowed, is the largest number there is.
  record.max_error_ratio = std::min(found.max_error_ratio, std::numeric_limits<double>::max());
  record.text = found.describe();
  return record;
}

struct Seen {
  Verification found;
  std::optional<bool> repeats;  ///< bit for bit
  std::vector<std::byte> output;
};

/// Every output of an implementation against another's. Where they disagree, the reference tells which of them is
/// wrong.
void settle(Proof& proof, Seen& one, Seen& other) {
  const std::vector<std::int64_t> at = proof.disagreements(one.output, other.output);
  if (at.empty()) return;
  for (Seen* seen : {&one, &other})
    if (const Verification found = proof.check(seen->output, at); !found.right) seen->found = found;
}

}  // namespace

void prove_group(std::vector<Member>& alive, Proof& proof, const std::map<std::string, Launch>& launches,
                 const Injection& injection, const char* when) {
  const double flop = proof.problem().work().flop;
  // Afterwards the last look has compared with one launch more.
  const bool worth_repeating =
      std::string_view(when) == "before" && (proof.device().kind == DeviceKind::cuda || flop < cpu_repeat_flop);
  std::map<std::string, Seen> seen;
  std::map<const Case*, Verification> spoilt;
  for_each_alive(alive, [&](const Member& member) {
    const std::string& name = member.one->candidate.name;
    if (injection.wrong(member.one->name)) {
      spoilt[member.one] = proof.verify(launches.at(name), corrupt);
    } else if (!seen.contains(name)) {
      Seen& here = seen[name];
      here.found = proof.verify(launches.at(name));
      here.output = proof.output().download();
      if (!here.found.right || !worth_repeating) return true;
      const Proof::Repetition again = proof.repeat(launches.at(name), 2);
      here.repeats = again.same;
      if (!again.same && !again.found.right) here.found = again.found;
    }
    return true;
  });
  Seen* witness = nullptr;
  for (auto& [name, one] : seen) {
    if (!one.found.right) continue;
    if (witness != nullptr) settle(proof, *witness, one);
    if (one.found.right) witness = &one;
  }
  for_each_alive(alive, [&](const Member& member) {
    const auto own = spoilt.find(member.one);
    const Seen& here = own == spoilt.end() ? seen.at(member.one->candidate.name) : Seen{own->second, {}, {}};
    auto& record = member.result->verification;
    if (!record || record->right) {
      const std::optional<bool> repeats = record ? record->repeats : here.repeats;
      record = record_of(here.found);
      record->repeats = repeats;
    }
    if (!here.found.right)
      fail(member, CaseStatus::wrong, fmt::format("{} ({} it was timed)", here.found.describe(), when));
    return here.found.right;
  });
}

}  // namespace kernelgate
