#include "harness/base/error.h"
#include "harness/measure/stopwatch.h"

namespace kernelgate {

std::unique_ptr<Stopwatch> cuda_stopwatch(int) {
  throw HarnessError(ExitCode::nothing,
                     "this program was built without CUDA and can't time a GPU; build it where nvcc is found");
}

}  // namespace kernelgate
