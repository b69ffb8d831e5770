#pragma once
// A matmul problem whose matrices a test gives, element by element.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>

#include "kernels/matmul/matmul.h"
#include "kernels/op/given_inputs_for_test.h"

namespace kernelgate {

/// The value of A[item, m, k] or of B[item, k, n], whatever the layout.
using Element = std::function<float(std::int64_t item, std::int64_t row, std::int64_t column)>;

inline void fill_matrices(f16* to, std::int64_t items, std::int64_t rows, std::int64_t columns, bool transposed,
                          const Element& element) {
  for (std::int64_t item = 0; item < items; ++item)
    for (std::int64_t row = 0; row < rows; ++row)
      for (std::int64_t column = 0; column < columns; ++column) {
        const std::int64_t at = transposed ? column * rows + row : row * columns + column;
        to[item * rows * columns + at] = to_f16(element(item, row, column));
      }
}

inline std::shared_ptr<const AnyProblem> given_matrices(const Matmul::Problem& p, Element a, Element b, Given given) {
  const auto fill = [p, a = std::move(a), b = std::move(b)](std::span<void* const> inputs) {
    fill_matrices(static_cast<f16*>(inputs[0]), p.batch, p.m, p.k, p.a_transposed(), a);
    fill_matrices(static_cast<f16*>(inputs[1]), p.batch, p.k, p.n, p.b_transposed(), b);
  };
  return std::make_shared<GivenInputs<Matmul>>(p, fill, given);
}

}  // namespace kernelgate
