#include "kernels/simt/host/element_add.h"

#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>

#include "kernels/op/f16.h"

namespace kernelgate::simt::executor {
namespace {

// Blocks run on several host threads: two may add to one element at once.
template <class Bits, class Add>
void add_atomically(std::byte* to, const std::byte* from, Add add) {
  Bits addend;
  std::memcpy(&addend, from, sizeof addend);
  const std::atomic_ref<Bits> target(*reinterpret_cast<Bits*>(to));
  Bits old = target.load(std::memory_order_relaxed);
  while (!target.compare_exchange_weak(old, add(old, addend), std::memory_order_relaxed)) {
  }
}

// float has more than twice the bits of either type and two more, so that the sum is rounded as if once.
std::uint16_t add_f16(std::uint16_t a, std::uint16_t b) { return to_f16(to_float(f16{a}) + to_float(f16{b})).bits; }

std::uint16_t add_bf16(std::uint16_t a, std::uint16_t b) {
  const auto wide = [](std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); };
  const auto bits = std::bit_cast<std::uint32_t>(wide(a) + wide(b));
  if ((bits & 0x7fffffffu) > 0x7f800000u) return 0x7fff;
  return static_cast<std::uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

std::uint32_t add_f32(std::uint32_t a, std::uint32_t b) {
  return std::bit_cast<std::uint32_t>(std::bit_cast<float>(a) + std::bit_cast<float>(b));
}

}  // namespace

bool can_add(TensorElement element) {
  switch (element) {
    case TensorElement::u32:
    case TensorElement::i32:
    case TensorElement::u64:
    case TensorElement::f16:
    case TensorElement::f32:
    case TensorElement::bf16:
      return true;
    default:
      return false;
  }
}

void add_element(TensorElement element, std::byte* to, const std::byte* from) {
  switch (element) {
    case TensorElement::u32:
    case TensorElement::i32:
      return add_atomically<std::uint32_t>(to, from, [](std::uint32_t a, std::uint32_t b) { return a + b; });
    case TensorElement::u64:
      return add_atomically<std::uint64_t>(to, from, [](std::uint64_t a, std::uint64_t b) { return a + b; });
    case TensorElement::f16:
      return add_atomically<std::uint16_t>(to, from, add_f16);
    case TensorElement::bf16:
      return add_atomically<std::uint16_t>(to, from, add_bf16);
    case TensorElement::f32:
      return add_atomically<std::uint32_t>(to, from, add_f32);
    default:
      return;
  }
}

}  // namespace kernelgate::simt::executor
