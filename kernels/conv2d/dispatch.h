#pragma once
// Which of our kernels takes a convolution on which GPU, and why: a table. Registered as the implementation "ours".

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "kernels/conv2d/conv2d.h"
#include "kernels/op/dispatch.h"

namespace kernelgate {

/// A kernel, and what it is chosen for.
struct Conv2dRow {
  static constexpr std::int64_t any = std::numeric_limits<std::int64_t>::max();

  std::string_view name;  ///< unique; results carry it
  std::string_view kernel;
  int capability;                                        ///< major * 10 + minor: the least, or the only one
  bool alone = false;                                    ///< code for this capability alone (sm_90a)
  std::int64_t least_channels = 0, most_channels = any;  ///< of the input, in a group
  std::int64_t least_outputs = 0, most_outputs = any;    ///< output channels of a group
  std::int64_t most_products = any;                      ///< of a sum: filter rows, columns, channels
  std::int64_t least_sums = 0, most_sums = any;          ///< elements of y
  bool residual = false;                                 ///< only with one
  std::string_view reason;                               ///< the measurement or the prediction behind the row

  bool fits(const Conv2d::Problem& problem) const;
};

std::span<const Conv2dRow> conv2d_rows();

inline Dispatch<Conv2d, Conv2dRow> conv2d_dispatch() { return Dispatch<Conv2d, Conv2dRow>(conv2d_rows()); }

}  // namespace kernelgate
