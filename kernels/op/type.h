#pragma once
// The types that a tensor's elements may have.

#include <cstddef>
#include <string_view>

namespace kernelgate {

/// i16: only of inputs.
enum class Type { f16, f32, bf16, i16 };

constexpr std::size_t size_of(Type type) { return type == Type::f32 ? 4 : 2; }

constexpr std::string_view to_string(Type type) {
  switch (type) {
    case Type::f16:
      return "f16";
    case Type::f32:
      return "f32";
    case Type::bf16:
      return "bf16";
    case Type::i16:
      return "i16";
  }
  return "unknown";
}

}  // namespace kernelgate
