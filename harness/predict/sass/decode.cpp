#include "harness/predict/sass/decode.h"

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

#include "harness/base/error.h"
#include "harness/base/trimmed.h"
#include "harness/predict/sass/operand.h"

namespace kernelgate::predict {
namespace {

std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

template <class Number>
bool read_hexadecimal(std::string_view digits, Number& value) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return !digits.empty() && error == std::errc() && end == digits.data() + digits.size();
}

/// The number in the line's last comment, "/* 0x000fe20000000800 */".
bool encoding_of(std::string_view line, std::uint64_t& value) {
  const std::size_t open = line.rfind("/* 0x");
  if (open == std::string_view::npos) return false;
  line.remove_prefix(open + 5);
  return read_hexadecimal(line.substr(0, line.find(' ')), value);
}

void decode_guard(std::string_view& text, Instruction& instruction) {
  if (!text.starts_with('@')) return;
  const std::size_t end = std::min(text.find(' '), text.size());
  const Operand guard = decode_operand(text.substr(1, end - 1));
  instruction.guard = guard.index;
  instruction.guard_negated = guard.negated;
  instruction.guard_uniform = guard.kind == OperandKind::uniform_predicate;
  text = trimmed(text.substr(end));
}

/// The line that begins a kernel in a packed text.
SassKernel packed_kernel(std::string_view line) {
  SassKernel kernel;
  for (std::string* field : {&kernel.arch, &kernel.file, &kernel.name, &kernel.symbol}) {
    const std::size_t end = std::min(line.find('\t'), line.size());
    *field = std::string(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return kernel;
}

}  // namespace

Control decode_control(std::uint64_t upper) {
  const auto bits = static_cast<unsigned>(upper >> 41);
  return {bits & 15u, (bits >> 4 & 1u) == 0, bits >> 5 & 7u, bits >> 8 & 7u, bits >> 11 & 63u};
}

Instruction decode_instruction(std::uint32_t address, std::string_view text) {
  Instruction instruction;
  instruction.address = address;
  instruction.text = std::string(text);
  std::string_view rest = text;
  try {
    decode_guard(rest, instruction);
    const std::size_t end = std::min(rest.find(' '), rest.size());
    instruction.set_opcode(rest.substr(0, end));
    rest = trimmed(rest.substr(end));
    // RET.REL.NODEC R2 `(f): no comma between the two.
    if (instruction.op == Opcode::ret) rest = rest.substr(0, rest.find(' '));
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      instruction.operands.push_back(decode_operand(trimmed(rest.substr(0, comma))));
      rest = trimmed(rest.substr(std::min(comma + 1, rest.size())));
    }
  } catch (const std::invalid_argument&) {
    throw ResultError(fmt::format("an operand of unknown form in: {}", text));
  }
  return instruction;
}

std::vector<SassKernel> read_disassembly(std::string_view text, const std::string& where) {
  std::vector<SassKernel> kernels;
  std::string arch;
  bool wants_upper = false;
  while (!text.empty()) {
    const std::string_view line = next_line(text), words = trimmed(line);
    if (words.starts_with(".target")) {
      arch = std::string(trimmed(words.substr(7)));
      std::erase(arch, '_');
    } else if (words.starts_with("Function : ")) {
      kernels.push_back({arch, std::string(words.substr(11)), "", "", {}});
    } else if (words.starts_with("/*")) {
      const std::size_t end = words.find("*/");
      std::uint64_t encoding = 0;
      std::uint32_t address = 0;
      if (!encoding_of(words, encoding)) continue;
      if (wants_upper) {
        kernels.back().instructions.back().control = decode_control(encoding);
        wants_upper = false;
        continue;
      }
      const std::size_t semicolon = words.find(';');
      if (kernels.empty() || semicolon == std::string_view::npos ||
          !read_hexadecimal(words.substr(2, end - 2), address))
        throw ResultError(fmt::format("{}: no instruction in: {}", where, words));
      kernels.back().instructions.push_back(
          decode_instruction(address, trimmed(words.substr(end + 2, semicolon - end - 2))));
      wants_upper = true;
    }
  }
  return kernels;
}

std::string pack_kernels(const std::vector<SassKernel>& kernels) {
  std::string text;
  for (const SassKernel& kernel : kernels) {
    text += fmt::format("{}\t{}\t{}\t{}\n", kernel.arch, kernel.file, kernel.name, kernel.symbol);
    for (const Instruction& one : kernel.instructions) {
      const Control& c = one.control;
      text +=
          fmt::format(" {:x} {:x} {}\n",
                      c.stall | (c.yields ? 0u : 16u) | c.write_barrier << 5 | c.read_barrier << 8 | c.wait_mask << 11,
                      one.address, one.text);
    }
  }
  return text;
}

void visit_packed(std::string_view text, const std::function<void(const SassKernel&)>& kernel,
                  const std::function<void(std::string_view)>& instruction) {
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    if (!line.starts_with(' ')) {
      kernel(packed_kernel(line));
    } else {
      const std::size_t first = line.find(' ', 1);
      const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
      if (second == std::string_view::npos) throw ResultError(fmt::format("no packed instruction: {}", line));
      instruction(line.substr(second + 1));
    }
  }
}

std::vector<SassKernel> unpack_kernels(std::string_view text, const std::function<bool(const SassKernel&)>& wanted) {
  std::vector<SassKernel> kernels;
  bool keeps = false;
  while (!text.empty()) {
    std::string_view line = next_line(text);
    if (!line.starts_with(' ')) {
      SassKernel kernel = packed_kernel(line);
      keeps = wanted(kernel);
      if (keeps) kernels.push_back(std::move(kernel));
    } else if (keeps) {
      line.remove_prefix(1);
      const std::size_t first = line.find(' '), second = line.find(' ', first + 1);
      std::uint64_t control = 0;
      std::uint32_t address = 0;
      if (second == std::string_view::npos || !read_hexadecimal(line.substr(0, first), control) ||
          !read_hexadecimal(line.substr(first + 1, second - first - 1), address))
        throw ResultError(fmt::format("no packed instruction: {}", line));
      kernels.back().instructions.push_back(decode_instruction(address, line.substr(second + 1)));
      kernels.back().instructions.back().control = decode_control(control << 41);
    }
  }
  return kernels;
}

}  // namespace kernelgate::predict
