#include "bench/silicon/measure/cuda_bench.h"
#include "harness/base/error.h"

namespace kernelgate::silicon {

double graph_seconds(const TimedWork&, int) {
  throw HarnessError(ExitCode::nothing, "this build has no CUDA: it measures no graphs");
}

}  // namespace kernelgate::silicon
