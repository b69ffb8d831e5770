// Convolutions that are verified, never timed: shapes at which kernels break.

#include "kernels/conv2d/shape.h"
#include "kernels/op/any_op.h"

namespace kernelgate {
namespace {

std::vector<Workload<Conv2d>> workloads() {
  using P = conv2d::Shape;
  std::vector<Workload<Conv2d>> list;
  const auto add = [&list](const P& problem, const char* why) { list.push_back({problem, why, {"verify"}}); };
  add(P{}, "one of everything");
  add(P{.image = {9, 7}, .c = 3, .k = 5, .filter = 3, .pad = 1, .bias = true, .relu = true}, "odd channels");
  add(P{.n = 2, .image = 16, .c = 6, .k = 16, .filter = 7, .pad = 3, .bias = true, .relu = true},
      "few channels, wide filter");
  add(P{.image = {13, 11}, .c = 24, .k = 40, .filter = 3, .pad = 1, .bias = true, .residual = true, .relu = true},
      "tails everywhere, residual");
  add(P{.n = 2, .image = {15, 17}, .c = 16, .k = 32, .filter = 3, .stride = {3, 2}, .pad = 1}, "unequal strides");
  add(P{.image = 20, .c = 8, .k = 8, .filter = 3, .pad = 2, .dilation = 2}, "dilation");
  add(P{.image = 12, .c = 32, .k = 48, .filter = 3, .pad = 1, .groups = 4, .bias = true}, "groups");
  add(P{.image = 14, .c = 33, .k = 33, .filter = 3, .pad = 1, .groups = 33, .relu = true}, "depthwise");
  add(P{.image = 5, .c = 16, .k = 16, .filter = 3, .pad = 3}, "padding wider than half the filter");
  add(P{.image = 11, .c = 8, .k = 8, .stride = 4}, "stride larger than the filter");
  add(P{.n = 3, .c = 128, .k = 70}, "a matrix product");
  add(P{.image = 6,
        .c = 40,
        .k = 24,
        .filter = 3,
        .stride = 2,
        .pad = 1,
        .bias = true,
        .relu = true,
        .transposed = true,
        .output_padding = 1},
      "transposed, as Wav2Lip's decoder");
  add(P{.c = 64, .k = 32, .filter = 3, .bias = true, .transposed = true}, "transposed from a single pixel");
  add(P{.image = {5, 7}, .c = 6, .k = 9, .filter = 4, .stride = 2, .pad = 1, .groups = 3, .transposed = true},
      "transposed in groups");
  return list;
}

const RegisterWorkloads<Conv2d> registered{workloads()};

}  // namespace
}  // namespace kernelgate
