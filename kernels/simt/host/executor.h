#pragma once
// Runs the blocks of a grid on the host's cores.

#include <functional>

#include "kernels/simt/host/settings.h"
#include "kernels/simt/shape.h"

namespace kernelgate::simt::executor {

struct GridLaunch {
  LaunchShape shape;
  const char* file = "";
  unsigned line = 0;
};

/// Calls `kernel` once for every thread of the grid, as a fiber. Clusters, which are single blocks unless the
/// shape says otherwise, start in the order of their number, x fastest, so a block may wait for one with a lower
/// number.
///
/// Errors  Fault, that of the lowest cluster that has one; or when the shape is one a GPU refuses.
void run_grid(const GridLaunch& launch, const std::function<void()>& kernel);

}  // namespace kernelgate::simt::executor
