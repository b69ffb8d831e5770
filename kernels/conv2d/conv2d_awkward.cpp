// Convolutions that are verified, never timed: shapes at which kernels break.

#include "kernels/conv2d/conv2d.h"
#include "kernels/op/any_op.h"

namespace kernelgate {
namespace {

std::vector<Workload<Conv2d>> workloads() {
  using P = Conv2d::Problem;
  std::vector<Workload<Conv2d>> list;
  const auto add = [&list](const P& problem, const char* why) { list.push_back({problem, why, {"verify"}}); };
  add(P{}, "one of everything");
  add(P{.h = 9, .w = 7, .c = 3, .k = 5, .r = 3, .s = 3, .pad_h = 1, .pad_w = 1, .bias = true, .relu = true},
      "odd channels");
  add(P{.n = 2, .h = 16, .w = 16, .c = 6, .k = 16, .r = 7, .s = 7, .pad_h = 3, .pad_w = 3, .bias = true, .relu = true},
      "few channels, wide filter");
  add(P{.h = 13,
        .w = 11,
        .c = 24,
        .k = 40,
        .r = 3,
        .s = 3,
        .pad_h = 1,
        .pad_w = 1,
        .bias = true,
        .residual = true,
        .relu = true},
      "tails everywhere, residual");
  add(P{.n = 2,
        .h = 15,
        .w = 17,
        .c = 16,
        .k = 32,
        .r = 3,
        .s = 3,
        .stride_h = 3,
        .stride_w = 2,
        .pad_h = 1,
        .pad_w = 1},
      "unequal strides");
  add(P{.h = 20, .w = 20, .c = 8, .k = 8, .r = 3, .s = 3, .pad_h = 2, .pad_w = 2, .dilation_h = 2, .dilation_w = 2},
      "dilation");
  add(P{.h = 12, .w = 12, .c = 32, .k = 48, .r = 3, .s = 3, .pad_h = 1, .pad_w = 1, .groups = 4, .bias = true},
      "groups");
  add(P{.h = 14, .w = 14, .c = 33, .k = 33, .r = 3, .s = 3, .pad_h = 1, .pad_w = 1, .groups = 33, .relu = true},
      "depthwise");
  add(P{.h = 5, .w = 5, .c = 16, .k = 16, .r = 3, .s = 3, .pad_h = 3, .pad_w = 3},
      "padding wider than half the filter");
  add(P{.h = 11, .w = 11, .c = 8, .k = 8, .stride_h = 4, .stride_w = 4}, "stride larger than the filter");
  add(P{.n = 3, .h = 1, .w = 1, .c = 128, .k = 70}, "a matrix product");
  add(P{.h = 6,
        .w = 6,
        .c = 40,
        .k = 24,
        .r = 3,
        .s = 3,
        .stride_h = 2,
        .stride_w = 2,
        .pad_h = 1,
        .pad_w = 1,
        .bias = true,
        .relu = true,
        .transposed = true,
        .output_padding_h = 1,
        .output_padding_w = 1},
      "transposed, as Wav2Lip's decoder");
  add(P{.h = 1, .w = 1, .c = 64, .k = 32, .r = 3, .s = 3, .bias = true, .transposed = true},
      "transposed from a single pixel");
  add(P{.h = 5,
        .w = 7,
        .c = 6,
        .k = 9,
        .r = 4,
        .s = 4,
        .stride_h = 2,
        .stride_w = 2,
        .pad_h = 1,
        .pad_w = 1,
        .groups = 3,
        .transposed = true},
      "transposed in groups");
  return list;
}

const RegisterWorkloads<Conv2d> registered{workloads()};

}  // namespace
}  // namespace kernelgate
