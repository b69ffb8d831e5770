// What instructions leave in shared memory, and find there.

#include <algorithm>
#include <bit>

#include "harness/predict/follow/warp.h"

namespace kernelgate::predict {
namespace {

/// Of a cluster's shared memory: the block's rank is in the upper bits.
constexpr std::uint32_t own_bits = 0xffffff;

std::uint32_t extended(const Instruction& in, std::uint32_t value) {
  if (in.has(Modifier::s8)) return static_cast<std::uint32_t>(static_cast<std::int8_t>(value));
  if (in.has(Modifier::s16)) return static_cast<std::uint32_t>(static_cast<std::int16_t>(value));
  return value;
}

}  // namespace

void Warp::load_shared(const Instruction& in, const Lanes& at, std::uint32_t mask, unsigned width) {
  const unsigned word = std::min(width, 4u);
  loaded_.assign(width / word, Lanes::nothing_known());
  for (std::uint32_t left = mask & ~at.unknown; left != 0; left &= left - 1) {
    const auto lane = static_cast<unsigned>(std::countr_zero(left));
    for (unsigned i = 0; i < loaded_.size(); ++i) {
      std::uint32_t value = 0;
      if (!shared_.load((at.value[lane] & own_bits) + 4 * i, word, value)) continue;
      loaded_[i].value[lane] = extended(in, value);
      loaded_[i].unknown &= ~(1u << lane);
    }
  }
  if (in.operands[0].kind != OperandKind::reg) loaded_.clear();
}

void Warp::store_shared(const Instruction& in, const Lanes& at, std::uint32_t mask, unsigned width) {
  // Somewhere: nothing is sure any more.
  if ((at.unknown & mask) != 0) return shared_.forget_all();
  const auto value = std::ranges::find(in.operands, OperandKind::reg, &Operand::kind);
  const bool stores = in.op == Opcode::sts && value != in.operands.end();
  const unsigned word = std::min(width, 4u);
  for (unsigned i = 0; i < width / word; ++i) {
    Lanes lanes = Lanes::nothing_known();
    if (stores && value->index == zero_register)
      lanes = Lanes{};
    else if (stores)
      lanes = i == 0 ? registers_.low(*value, constants_) : registers_.reg(value->index + static_cast<int>(i));
    for (std::uint32_t left = mask; left != 0; left &= left - 1) {
      const auto lane = static_cast<unsigned>(std::countr_zero(left));
      const std::uint32_t address = (at.value[lane] & own_bits) + 4 * i;
      if ((lanes.unknown >> lane & 1) != 0)
        shared_.forget(address, word);
      else
        shared_.store(address, word, lanes.value[lane]);
    }
  }
}

void Warp::forget_shared(std::uint32_t address, std::uint32_t bytes) { shared_.forget(address & own_bits, bytes); }

}  // namespace kernelgate::predict
