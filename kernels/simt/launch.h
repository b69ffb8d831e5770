#pragma once
// Starts a kernel: the only host function of the vocabulary.

#include <string>
#include <tuple>
#include <utility>

#include "kernels/op/device.h"
#include "kernels/op/error.h"
#include "kernels/simt/config.h"
#include "kernels/simt/shape.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/executor.h"
#include "kernels/simt/host/launch_recorder.h"
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

/// A stream, and the place in the source that launches on it, for error texts.
struct LaunchStream {
  Stream stream = nullptr;
  const char* file = "";
  unsigned line = 0;

  // Implicit, so that `launch(kernel, shape, stream, ...)` records its caller.
  LaunchStream(Stream s, const char* f = __builtin_FILE(), unsigned l = __builtin_LINE())  // NOLINT
      : stream(s), file(f), line(l) {}
};

/// Runs `kernel(args...)` by every thread of the grid.
///
/// GPU: asynchronous on the stream. Host: on return all blocks have run, on as many cores as
/// set_host_threads allows; the stream is not looked at, and no two kernels overlap.
///
/// Errors  GPU: DeviceError if the launch is refused. Host: Fault on what a GPU would get wrong.
template <class... Params, class... Args>
void launch(void (*kernel)(Params...), const LaunchShape& shape, LaunchStream stream, Args&&... args) {
#if SIMT_ON_GPU
  const auto check = [&](cudaError_t status, const char* call) {
    if (status == cudaSuccess) return;
    cudaGetLastError();  // a refused launch must not be reported by the next, unrelated call
    const auto text = [](const Dim3& d) {
      return std::to_string(d.x) + "x" + std::to_string(d.y) + "x" + std::to_string(d.z);
    };
    throw DeviceError(std::string("kernel ") + (shape.kernel_name ? shape.kernel_name : "?") + " (launched at " +
                      stream.file + ":" + std::to_string(stream.line) + ", grid " + text(shape.grid) + ", block " +
                      text(shape.block) + ", cluster " + text(shape.cluster) + ", " +
                      std::to_string(shape.dynamic_shared_bytes) + " bytes shared): " + call + ": " +
                      cudaGetErrorString(status));
  };
  if (shape.dynamic_shared_bytes > default_shared_bytes)
    check(cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel), cudaFuncAttributeMaxDynamicSharedMemorySize,
                               static_cast<int>(shape.dynamic_shared_bytes)),
          "cudaFuncSetAttribute");
  const dim3 grid(shape.grid.x, shape.grid.y, shape.grid.z), block(shape.block.x, shape.block.y, shape.block.z);
  if (shape.cluster.count() == 1 && !shape.overlaps_previous) {
    kernel<<<grid, block, shape.dynamic_shared_bytes, stream.stream>>>(std::forward<Args>(args)...);
  } else {
    cudaLaunchAttribute attributes[2] = {};
    attributes[0].id = cudaLaunchAttributeClusterDimension;
    attributes[0].val.clusterDim = {shape.cluster.x, shape.cluster.y, shape.cluster.z};
    attributes[1].id = cudaLaunchAttributeProgrammaticStreamSerialization;
    attributes[1].val.programmaticStreamSerializationAllowed = shape.overlaps_previous ? 1 : 0;
    cudaLaunchConfig_t config = {};
    config.gridDim = grid;
    config.blockDim = block;
    config.dynamicSmemBytes = shape.dynamic_shared_bytes;
    config.stream = stream.stream;
    config.attrs = attributes;
    config.numAttrs = 2;
    check(cudaLaunchKernelEx(&config, kernel, std::forward<Args>(args)...), "cudaLaunchKernelEx");
  }
  check(cudaGetLastError(), "launch");
#else
  const std::tuple<Params...> values(std::forward<Args>(args)...);
  if (LaunchRecorder* recorder = executor::recorder()) {
    RecordedLaunch recorded{shape, reinterpret_cast<const void*>(kernel), {}, 1};
    std::apply([&](const auto&... value) { (executor::add_parameter(recorded, value), ...); }, values);
    recorder->keep(std::move(recorded));
  }
  executor::run_grid({shape, stream.file, stream.line}, [&] { std::apply(kernel, values); });
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt
