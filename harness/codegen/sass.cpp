#include "harness/codegen/sass.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "harness/base/error.h"
#include "harness/base/trimmed.h"

namespace kernelgate {
namespace {

/// What says something of a kernel's design: how data moves, who waits for whom, which pipe computes. What is
/// not here is in the total.
constexpr std::array opcode_classes = {
    // matrices and asynchronous copies
    "LDSM", "STSM", "LDGSTS", "LDTM", "STTM", "UTMALDG", "UTMASTG", "UTMAREDG", "UTMAPF", "UBLKCP", "UBLKRED",
    // synchronisation; SYNCS is mbarrier
    "BAR", "SYNCS", "WARPGROUP", "WARPSYNC", "MEMBAR", "FENCE", "DEPBAR", "LDGDEPBAR", "UTMACMDFLUSH", "ACQBULK",
    // memory; LDL and STL are spills and arrays that are indexed at run time
    "LD", "ST", "LDG", "STG", "LDS", "STS", "LDL", "STL", "ATOM", "ATOMG", "ATOMS", "RED", "REDG", "REDUX",
    // arithmetic
    "MUFU", "FFMA", "FFMA2", "FADD", "FMUL", "HFMA2", "HADD2", "HMUL2", "DFMA", "IMAD", "SHFL", "F2FP", "CALL"};

/// `@!P0 LDG.E R4, [R2] ;` of `/*0010*/  @!P0 LDG.E R4, [R2] ;  /* 0x... */`; empty for any other line.
std::string_view instruction_in(std::string_view line) {
  line = trimmed(line);
  if (!line.starts_with("/*")) return {};
  const std::size_t end = line.find("*/");
  if (end == std::string_view::npos) return {};
  const std::string_view address = line.substr(2, end - 2);
  const auto is_hex = [](unsigned char c) { return std::isxdigit(c) != 0; };
  // A blank in it: the encoding's second half, which has a line of its own.
  if (address.empty() || !std::ranges::all_of(address, is_hex)) return {};
  return trimmed(line.substr(end + 2));
}

std::string_view mnemonic_of(std::string_view instruction) {
  if (instruction.starts_with('{')) instruction = trimmed(instruction.substr(1));  // dual issue, older GPUs
  if (instruction.starts_with('@'))
    instruction = trimmed(instruction.substr(std::min(instruction.find(' '), instruction.size())));
  return instruction.substr(0, instruction.find_first_of(" ;"));
}

}  // namespace

std::string instruction_class(std::string_view mnemonic) {
  const std::string_view name = mnemonic.substr(0, mnemonic.find('.'));
  const bool known = is_tensor_class(name) || std::ranges::find(opcode_classes, name) != opcode_classes.end();
  return known ? std::string(name) : "";
}

bool is_tensor_class(std::string_view name) { return name.ends_with("MMA"); }

bool is_wide_tensor_class(std::string_view name) {
  return name.ends_with("GMMA") || (name.starts_with("UTC") && is_tensor_class(name));
}

void count_instruction(InstructionCounts& counts, std::string_view instruction, std::string_view where) {
  const std::string_view mnemonic = mnemonic_of(instruction);
  if (mnemonic.empty()) throw ResultError(fmt::format("{}: no instruction in: {}", where, instruction));
  if (mnemonic == "NOP") return;
  ++counts.total;
  if (std::string name = instruction_class(mnemonic); !name.empty()) ++counts.classes[std::move(name)];
}

std::map<CodeKey, InstructionCounts> parse_sass(std::string_view text, const std::string& where) {
  std::map<CodeKey, InstructionCounts> counts;
  InstructionCounts* current = nullptr;
  std::string arch;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (const std::string_view instruction = instruction_in(line); !instruction.empty()) {
      if (current == nullptr)
        throw ResultError(fmt::format("{}: an instruction outside a function: {}", where, instruction));
      count_instruction(*current, instruction, where);
      continue;
    }
    const std::string_view words = trimmed(line);
    if (words.starts_with(".target")) {
      arch = arch_name(std::string(trimmed(words.substr(7))));
      current = nullptr;
    } else if (words.starts_with("Function : ")) {
      if (arch.empty()) throw ResultError(fmt::format("{}: a function for no architecture: {}", where, words));
      current = &counts[{arch, std::string(words.substr(11))}];
    } else if (words.starts_with("Fatbin ")) {
      arch.clear();
      current = nullptr;
    }
  }
  return counts;
}

}  // namespace kernelgate
