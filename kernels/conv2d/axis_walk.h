#pragma once
// Which inputs an output reads along one spatial axis, forward and transposed in the same form.

#include "kernels/simt/config.h"

namespace kernelgate::conv2d {
inline namespace SIMT_SIDE {

/// The outputs of one phase are `first + i * step`; output i under tap j reads input
/// `base + i * input_step + j * tap_input_step`, with filter row `first_tap + j * tap_step`.
///
/// A forward convolution is one phase. A transposed one has as many as its stride: outputs that differ by a
/// multiple of the stride meet the same filter rows, and the others meet none of those, so that each phase is
/// a dense convolution with a part of the filter, and no product with an inserted zero is ever computed.
struct AxisWalk {
  int outputs, first, step;
  int base, input_step, tap_input_step;
  int taps, first_tap, tap_step;

  SIMT_HOST_DEVICE int input(int i, int j) const { return base + i * input_step + j * tap_input_step; }
};

SIMT_HOST_DEVICE AxisWalk forward_walk(int outputs, int filter, int stride, int pad, int dilation) {
  return {outputs, 0, 1, -pad, stride, dilation, filter, 0, 1};
}

/// Phase `phase` of 0 .. stride - 1. It may have no outputs, or no taps: those outputs are sums of nothing.
SIMT_HOST_DEVICE AxisWalk transposed_walk(int outputs, int filter, int stride, int pad, int dilation, int phase) {
  // Tap r reaches output o if stride divides o + pad - r * dilation: every `tap_step`th one, or none.
  int divisor = stride;
  for (int rest = dilation % stride; rest != 0;) {
    const int next = divisor % rest;
    divisor = rest;
    rest = next;
  }
  const int tap_step = stride / divisor;
  const int residue = (phase + pad) % stride;
  int first_tap = 0;
  int reached = 0;  // first_tap * dilation % stride
  while (first_tap < tap_step && reached != residue) {
    ++first_tap;
    reached = (reached + dilation % stride) % stride;
  }
  const bool any = first_tap < tap_step;  // behind the last filter row it counts no taps, below
  AxisWalk walk;
  walk.outputs = phase < outputs ? (outputs - phase + stride - 1) / stride : 0;
  walk.first = phase;
  walk.step = stride;
  walk.base = any ? (phase + pad - first_tap * dilation) / stride : 0;  // exact
  walk.input_step = 1;
  walk.tap_input_step = -(dilation / divisor);
  walk.taps = any ? (filter - first_tap + tap_step - 1) / tap_step : 0;
  walk.first_tap = first_tap;
  walk.tap_step = tap_step;
  return walk;
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::conv2d
