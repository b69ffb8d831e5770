#include "kernels/mel/fused_stream.h"

#include <algorithm>

namespace kernelgate::mel {

std::vector<StreamStep> stream_steps(const Mel::Problem& problem) {
  std::vector<StreamStep> steps;
  StreamPosition position;
  std::int64_t dropped = 0;
  int buffer = 0;
  while (position.received < problem.samples) {
    const std::int64_t added_at = position.received, added = std::min(problem.chunk, problem.samples - added_at);
    buffer = 1 - buffer;
    StreamStep step{buffer, dropped, added_at - position.begin, added_at, added, position.begin, position.next_frame,
                    0,      false};
    step.end_frame = position.next_frame = position.push(problem.preset, added);
    steps.push_back(step);
    dropped = position.forget(problem.preset);
  }
  // The last buffer still begins where its step did.
  const std::int64_t begin = steps.empty() ? 0 : steps.back().begin;
  steps.push_back({buffer, 0, 0, 0, 0, begin, position.next_frame, problem.frames(), true});
  return steps;
}

}  // namespace kernelgate::mel
