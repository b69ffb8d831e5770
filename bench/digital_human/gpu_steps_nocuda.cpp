#include "bench/digital_human/gpu_steps.h"
#include "harness/base/error.h"

namespace kernelgate {
namespace {

[[noreturn]] void refuse_gpu_step() {
  throw HarnessError(ExitCode::refused, "this program was built without CUDA and can't use a GPU");
}

}  // namespace

void load_driver() { refuse_gpu_step(); }
void make_context(int) { refuse_gpu_step(); }
void launch_first_kernel(const Device&) { refuse_gpu_step(); }
PinnedMemory::PinnedMemory(std::size_t) { refuse_gpu_step(); }
PinnedMemory::~PinnedMemory() = default;
void copy_to_gpu(void*, const PinnedMemory&) { refuse_gpu_step(); }

}  // namespace kernelgate
