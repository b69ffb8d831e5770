#pragma once
// A stream in pieces as the steps that a GPU takes for it: known beforehand, since the pieces' sizes are.

#include <cstdint>
#include <vector>

#include "kernels/mel/mel.h"
#include "kernels/mel/stream_position.h"

namespace kernelgate::mel {

/// Samples are appended to what another buffer has kept, and frames computed from the result.
struct StreamStep {
  int buffer;                    ///< 0 or 1, which holds samples begin .. afterwards
  std::int64_t dropped, kept;    ///< of the other buffer's samples
  std::int64_t added_at, added;  ///< of the clip's; added 0: the buffer is the last step's
  std::int64_t begin;
  std::int64_t first_frame, end_frame;
  bool last;  ///< the clip's length is known
};

std::vector<StreamStep> stream_steps(const Mel::Problem& problem);

}  // namespace kernelgate::mel
