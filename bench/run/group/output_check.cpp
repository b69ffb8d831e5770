#include "bench/run/group/output_check.h"

#include <algorithm>
#include <chrono>

namespace kernelgate {
namespace {

using Clock = std::chrono::steady_clock;

// Outputs of one sample that are put to the reference. Another number each time draws others.
constexpr std::size_t outputs_a_look = 64;

// A reference that takes longer, since one output may need all of a recording, is asked at the last look alone.
constexpr double quick_s = 2e-3;

}  // namespace

void OutputCheck::begin(bool new_inputs) {
  proof_.stage_inputs(new_inputs);
  // Poison shows what was not written. Where the output of the old inputs stays, a work that looks for poison finds
  // none, and what it leaves is wrong.
  poisons_ = new_inputs && random_.below(2) == 0;
}

void OutputCheck::before(Stream stream) {
  proof_.put_inputs(stream);
  if (poisons_) proof_.output().poison(stream);
}

void OutputCheck::after(Stream stream) { proof_.take_output(stream); }

std::string OutputCheck::compare_with_reference() {
  const auto begin = Clock::now();
  const Verification found = proof_.verify_taken(outputs_a_look);
  reference_s_ = std::chrono::duration<double>(Clock::now() - begin).count();
  return found.right ? "" : found.describe() + " (while it was timed)";
}

std::string OutputCheck::judge(bool thoroughly) {
  synchronize(proof_.device());
  if (thoroughly || reference_s_ < quick_s)
    if (std::string wrong = compare_with_reference(); !wrong.empty()) return wrong;
  if (!thoroughly) return "";
  if (!std::ranges::equal(proof_.output().download(), proof_.taken()))
    return "wrong: it changed its output after the timed launch had ended";
  if (!repeats_) return "";
  // Else one that works in each second launch would leave what it had made in the first.
  proof_.output().poison();
  launch_(nullptr);
  synchronize(proof_.device());
  const std::vector<std::byte> again = proof_.output().download();
  if (std::ranges::equal(again, proof_.taken())) return "";
  const auto differing = differences(proof_.problem().output(), again, proof_.taken(), 0);
  return "wrong: the timed launch left other outputs than a launch that was not timed, " +
         std::to_string(differing.size()) + " of " + std::to_string(proof_.problem().output().count);
}

}  // namespace kernelgate
