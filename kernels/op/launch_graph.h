#pragma once
// Many launches as one: on a GPU a CUDA graph, so that the host enqueues once.

#include <vector>

#include "kernels/op/op.h"

namespace kernelgate {

/// Those of `first` run one after the other, and side by side with those of `beside`; `then` waits for both. Each list
/// is in its order.
struct LaunchGraph {
  std::vector<Launch> first, beside, then;
};

/// On a GPU all of it is launched once, since a kernel's code may be loaded when it first runs, which a capture does
/// not allow; then it is captured, and a launch replays it. Elsewhere: one launch after the other, those beside first.
///
/// Errors  DeviceError that names the call.
Launch as_one_launch(const Device& device, LaunchGraph graph);

}  // namespace kernelgate
