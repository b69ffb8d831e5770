#include "harness/predict/sass/operand.h"

#include <charconv>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>

namespace kernelgate::predict {
namespace {

std::int64_t hexadecimal(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  std::uint64_t value = 0;
  if (!text.starts_with("0x")) throw std::invalid_argument("no hexadecimal number");
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size()) throw std::invalid_argument("no hexadecimal number");
  return negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
}

/// "R2" of "R2.64"; nothing unless a number or Z follows the prefix.
std::optional<int> numbered(std::string_view text, std::string_view prefix, char zero, int zero_value) {
  if (!text.starts_with(prefix)) return {};
  text.remove_prefix(prefix.size());
  text = text.substr(0, text.find('.'));
  if (text.size() == 1 && text[0] == zero) return zero_value;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

bool decode_register(std::string_view text, Operand& operand) {
  const auto set = [&](OperandKind kind, std::optional<int> index) {
    if (!index) return false;
    operand.kind = kind;
    operand.index = *index;
    return true;
  };
  return set(OperandKind::reg, numbered(text, "R", 'Z', zero_register)) ||
         set(OperandKind::uniform_reg, numbered(text, "UR", 'Z', zero_register)) ||
         set(OperandKind::predicate, numbered(text, "P", 'T', true_predicate)) ||
         set(OperandKind::uniform_predicate, numbered(text, "UP", 'T', true_predicate));
}

/// The inside of the brackets: "R2.64+UR4+0x10", "R2.X4", "UR4", "0x400".
void decode_address(std::string_view inside, Operand& operand) {
  operand.kind = OperandKind::address;
  while (!inside.empty()) {
    const std::size_t end = std::min(inside.find('+'), inside.size());
    const std::string_view part = inside.substr(0, end);
    inside.remove_prefix(std::min(end + 1, inside.size()));
    if (const auto reg = numbered(part, "R", 'Z', zero_register)) {
      operand.index = *reg;
      if (part.find(".64") != std::string_view::npos) operand.wide_base = true;
      if (const std::size_t x = part.find(".X"); x != std::string_view::npos)
        operand.scale = std::stoi(std::string(part.substr(x + 2)));
    } else if (const auto uniform = numbered(part, "UR", 'Z', zero_register)) {
      operand.uniform_index = *uniform;
    } else {
      operand.value += hexadecimal(part);
    }
  }
}

bool is_number(std::string_view text) {
  return !text.empty() && ((text[0] >= '0' && text[0] <= '9') || text == "+INF" || text == "-INF" || text == "+QNAN" ||
                           (text[0] == '-' && text.size() > 1 && text[1] >= '0' && text[1] <= '9'));
}

}  // namespace

Operand decode_operand(std::string_view text) {
  Operand operand;
  operand.text = std::string(text);
  if (text.starts_with('!') || (text.starts_with('-') && !is_number(text))) {
    operand.negated = true;
    text.remove_prefix(1);
  }
  if (text.starts_with('~')) {
    operand.inverted = true;
    text.remove_prefix(1);
  }
  if (text.starts_with('|')) text = text.substr(1, text.find('|', 1) - 1);
  if (decode_register(text, operand)) return operand;
  if (text.starts_with("c[")) {
    const std::size_t second = text.find("][");
    decode_address(text.substr(second + 2, text.find(']', second + 2) - second - 2), operand);
    operand.kind = OperandKind::constant;
    operand.bank = static_cast<int>(hexadecimal(text.substr(2, second - 2)));
  } else if (const std::size_t open = text.rfind('['); open != std::string_view::npos) {
    decode_address(text.substr(open + 1, text.find(']', open) - open - 1), operand);
  } else if (text.starts_with("0x") || text.starts_with("-0x")) {
    operand.kind = OperandKind::immediate;
    operand.value = hexadecimal(text);
  } else if (is_number(text)) {
    operand.kind = OperandKind::immediate;
    operand.number = std::strtod(std::string(text).c_str(), nullptr);
    operand.value = static_cast<std::int64_t>(operand.number);
    operand.is_decimal = true;
  }
  return operand;
}

}  // namespace kernelgate::predict
