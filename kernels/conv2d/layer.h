#pragma once
// One layer of a network, as a row of a table: a convolution problem without its batch.

#include <cstdint>
#include <string>

#include "kernels/conv2d/conv2d.h"

namespace kernelgate::conv2d {

/// What follows the convolution. Batch normalisation is folded into weights and bias, so bias is always there.
enum class Epilogue { bias, relu, residual_relu, gelu, sigmoid };

/// Which suites hold the layer beside "full"; flags.
enum Suites : unsigned {
  everywhere = 0,     ///< "default" at batch 1
  smoke = 1,          ///< also "smoke" at batch 1
  large_default = 2,  ///< also "default" at the network's large batch
};

struct Layer {
  const char* name;
  std::int64_t c, h, w, k;
  std::int64_t kernel;  // square
  std::int64_t stride_h, stride_w, pad;
  Epilogue epilogue = Epilogue::relu;
  int times = 1;  // how often the network has it
  unsigned suites = everywhere;
  bool transposed = false;
  std::int64_t output_padding = 0;

  constexpr Conv2d::Activation activation() const {
    switch (epilogue) {
      case Epilogue::bias:
        return Conv2d::Activation::none;
      case Epilogue::gelu:
        return Conv2d::Activation::gelu;
      case Epilogue::sigmoid:
        return Conv2d::Activation::sigmoid;
      case Epilogue::relu:
      case Epilogue::residual_relu:
        break;
    }
    return Conv2d::Activation::relu;
  }

  constexpr Conv2d::Problem problem(std::int64_t batch) const {
    Conv2d::Problem problem;
    problem.n = batch;
    problem.h = h, problem.w = w, problem.c = c, problem.k = k;
    problem.r = problem.s = kernel;
    problem.stride_h = stride_h, problem.stride_w = stride_w;
    problem.pad_h = problem.pad_w = pad;
    problem.bias = true;
    problem.residual = epilogue == Epilogue::residual_relu;
    problem.activation = activation();
    problem.transposed = transposed;
    problem.output_padding_h = problem.output_padding_w = output_padding;
    return problem;
  }
};

}  // namespace kernelgate::conv2d
