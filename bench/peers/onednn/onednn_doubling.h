#pragma once
// A transposed convolution that doubles a picture, as four convolutions of it: one for each phase of the output.

#include <array>
#include <cstdint>
#include <vector>

#include "bench/peers/onednn/onednn.h"
#include "kernels/conv2d/conv2d.h"

namespace kernelgate::onednn {

/// Filter 3 x 3, stride 2, padding 1, output padding 1: each output row and column meets one tap or two.
bool doubles(const Conv2d::Problem& problem);

/// What all four phases and the result lie in: blocks of `chunk` channels, whose pixels are neighbours.
struct DoublingLayout {
  dnnl::memory::format_tag tag = dnnl::memory::format_tag::nhwc;
  std::int64_t chunk = 1;   ///< floats of a pixel that lie together
  std::int64_t blocks = 1;  ///< such pictures
};

/// The one that the largest phase likes best.
DoublingLayout doubling_layout(const Conv2d::Problem& problem);

struct PhaseOfDoubling {
  dnnl::convolution_forward::primitive_desc descriptor;
  std::vector<float> weights;  ///< its taps
  dnnl::memory::desc given_filters;
};

/// Phase 2a + b: outputs at rows 2h + a, columns 2w + b. `given`: all weights, [C, 3, 3, K].
PhaseOfDoubling phase_of_doubling(const Conv2d::Problem& problem, std::size_t phase, const DoublingLayout& layout,
                                  const std::vector<float>& given, const dnnl::primitive_attr& attributes);

/// From the four phases to the picture, on all threads.
void interleave(const Conv2d::Problem& problem, const DoublingLayout& layout, const std::array<const float*, 4>& phases,
                float* y);

}  // namespace kernelgate::onednn
