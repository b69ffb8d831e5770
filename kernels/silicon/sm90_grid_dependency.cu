// A kernel that starts while the one before it still works, and waits for it.

#include "kernels/silicon/probe.h"
#include "kernels/simt/simt.h"

namespace kernelgate::sm90_grid_dependency {
namespace {

using Word = std::uint32_t;

constexpr unsigned threads = 128, blocks = 64, all = threads * blocks;

/// Lets the next one start first, and writes late.
SIMT_KERNEL(threads) void before(const Word* in, Word* out) {
  const unsigned i = simt::block_idx().x * threads + simt::thread_idx().x;
  simt::grid_launch_dependents();
  simt::nanosleep(20000);
  simt::store_global(out + i, simt::load_global(in + i));
}

SIMT_KERNEL(threads) void behind(Word* out) {
  const unsigned i = simt::block_idx().x * threads + simt::thread_idx().x;
  simt::grid_dependency_wait();
  const Word* other = out + (i + all / 2) % all;
  simt::store_global(out + all + i, static_cast<Word>(simt::load_volatile(other)) * 5);
}

const silicon::RegisterProbes these{
    simt::device_kind,
    {{"grid_dependency/wait",
      {90},
      silicon::Inputs::bits,
      all * 4,
      silicon::Outputs::bits,
      2 * all * 4,
      {},
      [](const void* in, void* out, Stream stream) {
        auto* to = static_cast<Word*>(out);
        simt::launch(before, {{blocks}, {threads}, 0, "before"}, stream, static_cast<const Word*>(in), to);
        simt::LaunchShape overlapping{{blocks}, {threads}, 0, "behind"};
        overlapping.overlaps_previous = true;
        simt::launch(behind, overlapping, stream, to);
      }}}};

}  // namespace
}  // namespace kernelgate::sm90_grid_dependency
