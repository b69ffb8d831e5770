// Asynchronous copies: each width, each number of bytes that are read, groups.

#include "kernels/silicon/probe.h"
#include "kernels/silicon/shared_words.h"

namespace kernelgate::sm80_cp_async {
namespace {

constexpr unsigned threads = 64, groups = 3;

/// Thread t of group g reads (t + g) % (BYTES + 1) bytes; the rest is zeros.
template <int BYTES>
SIMT_KERNEL(threads)
void copy(const char* in, char* out) {
  auto* shared = simt::dynamic_shared<char>();
  const unsigned t = simt::thread_idx().x, group_bytes = threads * BYTES;
  for (unsigned g = 0; g < groups; ++g) {
    const unsigned at = g * group_bytes + t * BYTES;
    simt::cp_async<BYTES>(shared + at, in + at, static_cast<int>((t + g) % (BYTES + 1)));
    simt::cp_async_commit();
  }
  simt::cp_async_wait<1>();
  simt::sync_threads();
  silicon::copy_from_shared(out, shared, 2 * group_bytes);
  simt::cp_async_wait<0>();
  simt::sync_threads();
  silicon::copy_from_shared(out + 2 * group_bytes, shared + 2 * group_bytes, group_bytes);
}

template <int BYTES>
silicon::Probe copied(const char* name) {
  constexpr std::size_t bytes = groups * threads * BYTES;
  return {name,
          {80},
          silicon::Inputs::bits,
          bytes,
          silicon::Outputs::bits,
          bytes,
          {},
          [](const void* in, void* out, Stream stream) {
            simt::launch(copy<BYTES>, {{1}, {threads}, bytes, "copy"}, stream, static_cast<const char*>(in),
                         static_cast<char*>(out));
          }};
}

const silicon::RegisterProbes these{
    simt::device_kind, {copied<4>("cp_async/4_bytes"), copied<8>("cp_async/8_bytes"), copied<16>("cp_async/16_bytes")}};

}  // namespace
}  // namespace kernelgate::sm80_cp_async
