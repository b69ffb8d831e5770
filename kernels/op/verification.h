#pragma once
// What a check of an implementation's output found.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/op/op.h"

namespace kernelgate {

/// `right` is the verdict; the rest is the evidence.
struct Verification {
  bool right = false;
  std::int64_t checked = 0;    ///< outputs compared with the reference
  std::int64_t outputs = 0;    ///< outputs there are
  std::int64_t wrong = 0;      ///< of those checked
  std::int64_t unwritten = 0;  ///< of all outputs: still poison
  bool guards_intact = true;   ///< false: something was written outside the output
  std::string spoilt_input;    ///< the input that it wrote to; empty: none
  double max_error = 0;        ///< largest |got - expected| of those checked
  double max_error_ratio = 0;  ///< largest |got - expected| / bound: right means at most 1
  std::int64_t worst_index = -1;
  double worst_got = 0;
  double worst_expected = 0;
  /// Of an output that is a matrix: what its spec says, and which tiles of 128 x 128 have wrong outputs.
  static constexpr std::int64_t tile = 128;
  std::int64_t rows = 0, columns = 0;
  std::int64_t wrong_tiles = 0;
  std::int64_t first_wrong_index = -1;  ///< in the first of these tiles

  /// One line: "right: 4096 of 65536 outputs within 0.31 of the bound", or what is wrong where: of a matrix, in which
  /// row, column and tile.
  std::string describe() const;
};

/// How many bytes a tensor has.
std::size_t bytes_of(const TensorSpec& spec);

/// Compares the outputs at `indices` with what is expected there, and looks for poison everywhere. The caller adds what
/// it knows of guards and inputs, and then `right`.
Verification compare(const TensorSpec& spec, std::span<const std::byte> output, std::span<const std::int64_t> indices,
                     std::span<const Expected> expected);

/// The indices at which two outputs differ by more than `tolerance`, or where one of them alone is no number.
std::vector<std::int64_t> differences(const TensorSpec& spec, std::span<const std::byte> one,
                                      std::span<const std::byte> other, double tolerance);

}  // namespace kernelgate
