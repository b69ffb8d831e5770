#include "harness/codegen/codegen_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "harness/codegen/ptxas_log.h"
#include "harness/codegen/sass.h"

namespace kernelgate {
namespace {

using Differences = std::vector<CodegenDifference>;

void add(Differences& out, const KernelCode& kernel, const std::string& what, std::int64_t before, std::int64_t after,
         const std::string& why = "") {
  if (before != after) out.push_back({kernel.name, what, before, after, why});
}

void compare_spills(Differences& out, const KernelCode& base, const KernelCode& now) {
  const auto one = [&](const char* what, std::int64_t before, std::int64_t after) {
    const char* why = before == 0 ? "it spills" : "it spills more";
    add(out, now, what, before, after, after > before ? why : "");
  };
  one("spill stores (bytes)", base.spill_store_bytes.value_or(0), now.spill_store_bytes.value_or(0));
  one("spill loads (bytes)", base.spill_load_bytes.value_or(0), now.spill_load_bytes.value_or(0));
}

std::map<std::string, std::int64_t> by_code(const std::vector<CompilerNote>& notes) {
  std::map<std::string, std::int64_t> counts;
  for (const CompilerNote& note : notes) ++counts[note.code];
  return counts;
}

void compare_notes(Differences& out, const KernelCode& base, const KernelCode& now) {
  auto before = by_code(base.notes), after = by_code(now.notes);
  std::map<std::string, std::string> text;
  for (const CompilerNote& note : now.notes) text.emplace(note.code, note.text);
  std::set<std::string> codes;
  for (const auto& [code, count] : before) codes.insert(code);
  for (const auto& [code, count] : after) codes.insert(code);
  for (const std::string& code : codes) {
    const bool fails = is_wgmma_serialisation(code) && after[code] > before[code];
    add(out, now, "note " + code, before[code], after[code], fails ? "ptxas: " + text[code] : "");
  }
}

/// Instructions of the classes for which `is` holds.
std::int64_t sum_of(const InstructionCounts& counts, bool (*is)(std::string_view)) {
  std::int64_t sum = 0;
  for (const auto& [name, count] : counts.classes) sum += is(name) ? count : 0;
  return sum;
}

void compare_instructions(Differences& out, const KernelCode& base, const KernelCode& now) {
  if (!base.instructions || !now.instructions) return;
  const InstructionCounts &before = *base.instructions, &after = *now.instructions;
  const auto lost = [&](bool (*is)(std::string_view)) { return sum_of(before, is) > 0 && sum_of(after, is) == 0; };
  const bool lost_wide = lost(is_wide_tensor_class), lost_all = lost(is_tensor_class);
  std::set<std::string> names;
  for (const auto& [name, count] : before.classes) names.insert(name);
  for (const auto& [name, count] : after.classes) names.insert(name);
  add(out, now, "instructions", before.total, after.total);
  for (const std::string& name : names) {
    std::string why;
    if (before[name] > 0 && lost_all && is_tensor_class(name))
      why = "it no longer uses the Tensor Cores";
    else if (before[name] > 0 && lost_wide && is_wide_tensor_class(name))
      why = "it no longer uses them by the warpgroup";
    add(out, now, name, before[name], after[name], why);
  }
}

void compare_kernel(Differences& out, const KernelCode& base, const KernelCode& now) {
  compare_spills(out, base, now);
  compare_notes(out, base, now);
  add(out, now, "registers", base.registers.value_or(0), now.registers.value_or(0));
  add(out, now, "stack (bytes)", base.stack_bytes, now.stack_bytes);
  add(out, now, "shared (bytes)", base.shared_bytes, now.shared_bytes);
  compare_instructions(out, base, now);
}

}  // namespace

std::string_view to_text(CodegenVerdict verdict) {
  switch (verdict) {
    case CodegenVerdict::same:
      return "SAME";
    case CodegenVerdict::changed:
      return "CHANGED";
    case CodegenVerdict::regressed:
      return "REGRESSED";
    case CodegenVerdict::inconclusive:
      return "INCONCLUSIVE";
    case CodegenVerdict::not_comparable:
      return "NOT_COMPARABLE";
    case CodegenVerdict::no_baseline:
      return "NO_BASELINE";
  }
  return "?";
}

ExitCode CodegenComparison::exit_code(bool strict) const {
  if (verdict == CodegenVerdict::regressed) return ExitCode::regression;
  return strict && verdict != CodegenVerdict::same ? ExitCode::inconclusive : ExitCode::good;
}

CodegenComparison compare_codegen(const ArchCode& now, const std::optional<CodegenBaseline>& base, bool subset) {
  CodegenComparison result;
  result.arch = now.arch;
  if (!base) {
    result.verdict = CodegenVerdict::no_baseline;
    result.base = "no baseline; accept one: kernelgate codegen --accept --reason TEXT";
    return result;
  }
  result.base = fmt::format("baseline of {}, nvcc {}{}", base->accepted_utc, base->code.nvcc,
                            base->dirty ? ", from a DIRTY build" : "");
  // Code of which nobody kept ptxas' log ends here, too: its compiler is not known, nor are its spills.
  if (now.nvcc != base->code.nvcc) {
    result.verdict = CodegenVerdict::not_comparable;
    result.base = fmt::format("nvcc {} here, {} in the baseline; build with that one, or accept this one's code",
                              now.nvcc.empty() ? "of unknown version" : now.nvcc, base->code.nvcc);
    return result;
  }
  std::map<std::string, const KernelCode*> stored;
  for (const KernelCode& kernel : base->code.kernels) stored[kernel.name] = &kernel;
  for (const KernelCode& kernel : now.kernels) {
    const auto found = stored.find(kernel.name);
    if (found != stored.end()) {
      compare_kernel(result.differences, *found->second, kernel);
      stored.erase(found);
      continue;
    }
    result.fresh.push_back(kernel.name);
    Differences all;
    compare_spills(all, KernelCode{}, kernel);
    compare_notes(all, KernelCode{}, kernel);
    std::erase_if(all, [](const CodegenDifference& one) { return !one.fails(); });
    std::ranges::move(all, std::back_inserter(result.differences));
  }
  if (!subset)
    for (const auto& [name, kernel] : stored) result.vanished.push_back(name);
  if (!now.no_instructions.empty()) result.unsettled = "instructions were not compared: " + now.no_instructions;
  const bool any = !result.differences.empty() || !result.fresh.empty() || !result.vanished.empty();
  if (std::ranges::any_of(result.differences, &CodegenDifference::fails))
    result.verdict = CodegenVerdict::regressed;
  else if (any)
    result.verdict = CodegenVerdict::changed;
  else if (!result.unsettled.empty())
    result.verdict = CodegenVerdict::inconclusive;
  return result;
}

}  // namespace kernelgate
