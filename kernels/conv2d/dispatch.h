#pragma once
// Which of our kernels takes a convolution on which GPU, and why: a table. Registered as the implementation "ours".

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "kernels/conv2d/conv2d.h"

namespace kernelgate {

/// A kernel, and what it is chosen for. The first row of the table that fits is taken, if the kernel supports the
/// problem.
struct Conv2dDispatchRow {
  static constexpr std::int64_t any = std::numeric_limits<std::int64_t>::max();

  std::string_view kernel;
  int capability;                                        ///< major * 10 + minor: the least, or the only one
  bool alone;                                            ///< code for this capability alone (sm_90a)
  std::int64_t least_channels = 0, most_channels = any;  ///< of the input, in a group
  std::int64_t least_outputs = 0, most_outputs = any;    ///< output channels of a group
  std::int64_t most_products = any;                      ///< of a sum: filter rows, columns, channels
  std::int64_t least_sums = 0;                           ///< elements of y
  bool residual = false;                                 ///< only with one
  std::string_view reason;                               ///< the measurement or the prediction behind the row

  bool fits(int of_device, const Conv2d::Problem& problem) const;
};

std::span<const Conv2dDispatchRow> conv2d_dispatch();

/// The row for a device, whose kernel says that it supports the problem. Null, and the kernels' own reasons in
/// `why_not`: none.
const Conv2dDispatchRow* choose_conv2d(const Device& device, const Conv2d::Problem& problem, std::string& why_not);

}  // namespace kernelgate
