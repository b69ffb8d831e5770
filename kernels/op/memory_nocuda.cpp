#include "kernels/op/error.h"
#include "kernels/op/memory_backend.h"

namespace kernelgate::gpu_memory {
namespace {

[[noreturn]] void refuse() { throw DeviceError("this program was built without CUDA and can't use a GPU"); }

}  // namespace

void* allocate(int, std::size_t) { refuse(); }
void release(void*) noexcept {}
void fill(void*, std::uint8_t, std::size_t) { refuse(); }
void upload(void*, const void*, std::size_t) { refuse(); }
void download(void*, const void*, std::size_t) { refuse(); }
void fill(void*, std::uint8_t, std::size_t, Stream) { refuse(); }
void copy(void*, const void*, std::size_t, Stream) { refuse(); }
void synchronize() { refuse(); }
std::shared_ptr<void> capture(const Enqueue&, const Enqueue&, const Enqueue&) { refuse(); }
void replay(void*, Stream) { refuse(); }

}  // namespace kernelgate::gpu_memory
