#pragma once
// A matmul problem whose matrices a test gives, element by element.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "kernels/matmul/matmul.h"
#include "kernels/op/bf16.h"
#include "kernels/op/given_inputs_for_test.h"
#include "kernels/op/random.h"

namespace kernelgate {

/// The value of A[item, m, k] or of B[item, k, n], whatever the layout.
using Element = std::function<float(std::int64_t item, std::int64_t row, std::int64_t column)>;

inline f16 rounded(Type type, float value) { return type == Type::bf16 ? f16{to_bf16(value).bits} : to_f16(value); }

inline void fill_matrices(f16* to, Type type, std::int64_t items, std::int64_t rows, std::int64_t columns,
                          bool transposed, const Element& element) {
  for (std::int64_t item = 0; item < items; ++item)
    for (std::int64_t row = 0; row < rows; ++row)
      for (std::int64_t column = 0; column < columns; ++column) {
        const std::int64_t at = transposed ? column * rows + row : row * columns + column;
        to[item * rows * columns + at] = rounded(type, element(item, row, column));
      }
}

/// What an epilogue adds, where it adds something: Element of the source, and of the bias, whose row is 0.
struct Added {
  Element source, bias;
};

inline std::shared_ptr<const AnyProblem> given_matrices(const Matmul::Problem& p, Element a, Element b, Given given,
                                                        Added added = {}) {
  const auto fill = [p, a = std::move(a), b = std::move(b), added](std::span<void* const> inputs) {
    const Matmul::Buffers to = [&] {
      std::vector<void*> all(inputs.begin(), inputs.end());
      all.push_back(nullptr);  // C
      return Matmul::bind(p, all);
    }();
    const auto writable = [](const f16* tensor) { return const_cast<f16*>(tensor); };
    fill_matrices(writable(to.a), p.type, p.batch, p.m, p.k, p.a_transposed(), a);
    fill_matrices(writable(to.b), p.type, p.batch, p.k, p.n, p.b_transposed(), b);
    if (to.source != nullptr) fill_matrices(writable(to.source), p.type, p.batch, p.m, p.n, false, added.source);
    if (to.bias != nullptr) fill_matrices(writable(to.bias), p.type, 1, 1, p.n, false, added.bias);
  };
  return std::make_shared<GivenInputs<Matmul>>(p, fill, given);
}

/// Integers from -8 to 24, whose sums of a few thousand products are exact in f32 in any order.
inline Element small_integers(std::uint64_t seed) {
  return [seed](std::int64_t item, std::int64_t row, std::int64_t column) {
    Random random(seed + static_cast<std::uint64_t>(item * 1000003 + row * 1009 + column));
    return static_cast<float>(random.below(33)) - 8;
  };
}

}  // namespace kernelgate
