#pragma once
// Which of our kernels takes a problem on which GPU, and why: a table. Registered as the implementation "ours".

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "kernels/matmul/matmul.h"
#include "kernels/op/dispatch.h"

namespace kernelgate {

/// A kernel, and what it is chosen for.
struct MatmulRow {
  static constexpr std::int64_t any = std::numeric_limits<std::int64_t>::max();

  std::string_view name;  ///< unique; results carry it
  std::string_view kernel;
  int capability;                                ///< major * 10 + minor: the least, or the only one
  bool alone = false;                            ///< code for this capability alone (sm_90a)
  std::int64_t least_rows = 0, most_rows = any;  ///< of C
  std::int64_t most_columns = any;               ///< of C
  std::int64_t most_k = any;
  std::int64_t least_tiles = 0, most_tiles = any;  ///< of 128 x 128, in the whole batch
  bool whole_rows = false;                         ///< only where the rows of A and of B are multiples of 16 bytes
  std::string_view reason;                         ///< the measurement or the prediction behind the row

  bool fits(const Matmul::Problem& problem) const;
};

std::span<const MatmulRow> matmul_rows();

inline Dispatch<Matmul, MatmulRow> matmul_dispatch() { return Dispatch<Matmul, MatmulRow>(matmul_rows()); }

}  // namespace kernelgate
