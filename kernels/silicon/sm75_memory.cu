// Global and shared memory in every width, and who a thread is.

#include "kernels/silicon/probe.h"
#include "kernels/silicon/shared_words.h"

namespace kernelgate::sm75_memory {
namespace {

using silicon::Probe;

constexpr unsigned threads = 64, elements = 4 * threads;

/// Through shared memory and back, in the reverse order.
template <class T>
SIMT_KERNEL(threads)
void reverse(const T* in, T* out) {
  auto* shared = simt::dynamic_shared<T>();
  for (unsigned i = simt::thread_idx().x; i < elements; i += threads)
    simt::store_shared(shared + i, simt::load_global(in + i));
  simt::sync_threads();
  for (unsigned i = simt::thread_idx().x; i < elements; i += threads)
    simt::store_global(out + i, simt::load_shared(shared + elements - 1 - i));
}

template <class T>
Probe reversed(const char* name) {
  return {name,
          {},
          silicon::Inputs::bits,
          elements * sizeof(T),
          silicon::Outputs::bits,
          elements * sizeof(T),
          {},
          [](const void* in, void* out, Stream stream) {
            simt::launch(reverse<T>, {{1}, {threads}, elements * sizeof(T), "reverse"}, stream,
                         static_cast<const T*>(in), static_cast<T*>(out));
          }};
}

SIMT_KERNEL(threads) void copy_16(const simt::Vec4* in, simt::Vec4* out) {
  const unsigned i = simt::thread_idx().x;
  simt::store_global_16(out + i, simt::load_global_16(in + i));
  simt::store_global_16(out + threads + i, simt::load_global_16_streaming(in + threads + i));
}

constexpr unsigned index_words = 16;
constexpr simt::Dim3 index_grid{3, 2, 2}, index_block{5, 4, 6};

SIMT_KERNEL(120) void indices(std::uint32_t* out) {
  const simt::Dim3 at = simt::thread_idx(), block = simt::block_idx(), dim = simt::block_dim(), grid = simt::grid_dim();
  const unsigned number = block.x + grid.x * (block.y + grid.y * block.z);
  const unsigned threads_of_block = dim.x * dim.y * dim.z;
  // Dynamic shared memory begins at a multiple of 1024, on which swizzles rely.
  const auto begin = reinterpret_cast<std::uintptr_t>(simt::dynamic_shared<char>());
  const std::uint32_t words[index_words] = {at.x,
                                            at.y,
                                            at.z,
                                            block.x,
                                            block.y,
                                            block.z,
                                            dim.x,
                                            dim.y,
                                            dim.z,
                                            grid.x,
                                            grid.y,
                                            grid.z,
                                            simt::linear_thread_idx(),
                                            simt::lane_idx(),
                                            simt::warp_idx(),
                                            static_cast<std::uint32_t>(begin % 1024)};
  std::uint32_t* to = out + (number * threads_of_block + simt::linear_thread_idx()) * index_words;
  for (unsigned i = 0; i < index_words; ++i) simt::store_global(to + i, words[i]);
}

/// Clocks go forward, over a sleep too.
SIMT_KERNEL(32) void clocks(const std::uint32_t* in, std::uint32_t* out) {
  const std::int64_t before = simt::clock_cycles();
  simt::nanosleep(simt::load_global(in) % 1000);
  const std::int64_t after = simt::clock_cycles();
  simt::store_global(out + simt::lane_idx(), simt::load_global(in + simt::lane_idx()) + (after >= before ? 1u : 0u));
}

const silicon::RegisterProbes these{
    simt::device_kind,
    {reversed<std::uint8_t>("memory/1_byte"),
     reversed<std::uint16_t>("memory/2_bytes"),
     reversed<std::uint32_t>("memory/4_bytes"),
     reversed<std::uint64_t>("memory/8_bytes"),
     reversed<simt::Vec4>("memory/16_bytes"),
     {"memory/global_16",
      {},
      silicon::Inputs::bits,
      2 * threads * 16,
      silicon::Outputs::bits,
      2 * threads * 16,
      {},
      [](const void* in, void* out, Stream stream) {
        simt::launch(copy_16, {{1}, {threads}, 0, "copy_16"}, stream, static_cast<const simt::Vec4*>(in),
                     static_cast<simt::Vec4*>(out));
      }},
     {"index/all",
      {},
      silicon::Inputs::bits,
      0,
      silicon::Outputs::bits,
      index_grid.count() * index_block.count() * index_words * 4,
      {},
      [](const void*, void* out, Stream stream) {
        simt::launch(indices, {index_grid, index_block, 1024, "indices"}, stream, static_cast<std::uint32_t*>(out));
      }},
     {"clock/goes_forward",
      {},
      silicon::Inputs::bits,
      128,
      silicon::Outputs::bits,
      128,
      {},
      [](const void* in, void* out, Stream stream) {
        simt::launch(clocks, {{1}, {32}, 0, "clocks"}, stream, static_cast<const std::uint32_t*>(in),
                     static_cast<std::uint32_t*>(out));
      }}}};

}  // namespace
}  // namespace kernelgate::sm75_memory
