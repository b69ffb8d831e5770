#pragma once
// What the tests of conv2d share: runs of its implementations, and inputs with one right answer.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <vector>

#include "kernels/conv2d/shape.h"
#include "kernels/op/given_inputs_for_test.h"
#include "kernels/op/op_for_test.h"
#include "kernels/op/random.h"

namespace kernelgate {

class Conv2dOn : public OpOn<Conv2d> {
 protected:
  using Shape = conv2d::Shape;

  /// Each alone, and with all that may follow.
  void prove_each(std::initializer_list<Shape> shapes) {
    for (Shape shape : shapes) {
      prove(shape);
      shape.bias = shape.residual = shape.relu = true;
      prove(shape);
    }
  }
};

/// Integers of [-4, 4]: sums of some thousand products are exact in f32 in any order.
inline void fill_with_integers(std::span<f16> values, std::uint64_t seed) {
  Random random(seed);
  for (f16& value : values) value = to_f16(static_cast<float>(random.below(9)) - 4.0f);
}

/// `spoil`: changes what the tensors x and w hold.
using Spoil = std::function<void(f16* x, f16* w)>;

inline std::shared_ptr<const AnyProblem> given_integers(const Conv2d::Problem& problem, std::uint64_t seed,
                                                        Given given = {.exact = true}, Spoil spoil = {}) {
  const auto fill = [=](std::span<void* const> inputs) {
    const std::vector<TensorSpec> tensors = Conv2d::inputs(problem);
    for (std::size_t i = 0; i < tensors.size(); ++i)
      fill_with_integers({static_cast<f16*>(inputs[i]), static_cast<std::size_t>(tensors[i].count)}, seed + i);
    if (spoil) spoil(static_cast<f16*>(inputs[0]), static_cast<f16*>(inputs[1]));
  };
  return std::make_shared<GivenInputs<Conv2d>>(problem, fill, given);
}

}  // namespace kernelgate
