#pragma once
// How the matrices of a product lie in memory, and what a kernel is compiled for because of it.

#include <string_view>
#include <type_traits>

#include "kernels/op/error.h"
#include "kernels/op/type.h"

namespace kernelgate {

/// How A and B lie in memory: the first letter is A's, the second B's. n: as the product needs it, row by
/// row (A: M x K, B: K x N). t: its transpose, row by row (A: K x M, B: N x K). So in nt both are contiguous
/// along K, which is how a linear layer has its activations and its weights.
enum class Layout { nt, nn, tn, tt };

constexpr std::string_view to_string(Layout layout) {
  switch (layout) {
    case Layout::nt:
      return "nt";
    case Layout::nn:
      return "nn";
    case Layout::tn:
      return "tn";
    case Layout::tt:
      return "tt";
  }
  return "unknown";
}

constexpr bool a_transposed(Layout layout) { return layout == Layout::tn || layout == Layout::tt; }  ///< stored K x M
constexpr bool b_transposed(Layout layout) { return layout == Layout::nt || layout == Layout::tt; }  ///< stored N x K

/// A value as a type, so that it can be a template argument: `decltype(constant)::value`.
template <auto VALUE>
using Constant = std::integral_constant<decltype(VALUE), VALUE>;

/// act(layout) with the layout that a problem has as a Constant: what a kernel is compiled for is chosen here alone.
template <class Act>
decltype(auto) with_layout(Layout layout, Act act) {
  switch (layout) {
    case Layout::nt:
      return act(Constant<Layout::nt>{});
    case Layout::nn:
      return act(Constant<Layout::nn>{});
    case Layout::tn:
      return act(Constant<Layout::tn>{});
    case Layout::tt:
      return act(Constant<Layout::tt>{});
  }
  throw Unsupported("unknown layout");
}

/// The same for the type of A, B and C.
template <class Act>
decltype(auto) with_type(Type type, Act act) {
  return type == Type::bf16 ? act(Constant<Type::bf16>{}) : act(Constant<Type::f16>{});
}

}  // namespace kernelgate
