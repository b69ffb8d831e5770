#pragma once
// Which of our kernels takes a problem on which GPU, and why: a table. Registered as the implementation "ours".

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "kernels/matmul/matmul.h"

namespace kernelgate {

/// A kernel, and what it is chosen for. The first row of the table that fits is taken, if the kernel supports the
/// problem.
struct DispatchRow {
  static constexpr std::int64_t any = std::numeric_limits<std::int64_t>::max();

  std::string_view name;  ///< unique; results carry it
  std::string_view kernel;
  int capability;                                  ///< major * 10 + minor: the least, or the only one
  bool alone = false;                              ///< code for this capability alone (sm_90a)
  std::int64_t least_rows = 0, most_rows = any;    ///< of C
  std::int64_t most_columns = any;                 ///< of C
  std::int64_t least_tiles = 0, most_tiles = any;  ///< of 128 x 128, in the whole batch
  bool whole_rows = false;                         ///< only where the rows of A and of B are multiples of 16 bytes
  std::string_view reason;                         ///< the measurement or the prediction behind the row

  bool fits(int of_device, const Matmul::Problem& problem) const;
};

std::span<const DispatchRow> matmul_dispatch();

/// The row for a device, whose kernel says that it supports the problem. Null, and the kernels' own reasons in
/// `why_not`: none.
const DispatchRow* choose_matmul(const Device& device, const Matmul::Problem& problem, std::string& why_not);

}  // namespace kernelgate
