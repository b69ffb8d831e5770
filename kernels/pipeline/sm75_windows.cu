// What each frame hears, cut out of the spectrogram: each thread takes elements of y.

#include <algorithm>

#include "kernels/pipeline/pipeline.h"
#include "kernels/pipeline/windows.h"
#include "kernels/simt/simt.h"

namespace kernelgate {
namespace {

using pipeline::Windows;

constexpr unsigned threads = 256;

struct Params {
  const f16* a;
  f16* y;
  unsigned rows, columns, count;
};

/// Grid: x = blocks that take elements in turn.
SIMT_KERNEL(threads)
void windows(const SIMT_GRID_CONSTANT Params p) {
  constexpr unsigned width = Pipeline::window;
  for (unsigned i = simt::block_idx().x * threads + simt::linear_thread_idx(); i < p.count;
       i += simt::grid_dim().x * threads) {
    const unsigned line = i / width, frame = line / p.rows, row = line - frame * p.rows;
    const unsigned first = frame * 80 / Pipeline::frames_per_second;
    simt::store_global(p.y + i, simt::load_global(p.a + std::uint64_t{row} * p.columns + first + i % width));
  }
}

Support supports(const Device& device, const Windows::Problem& problem) {
  if (simt::device_kind == DeviceKind::cuda && device.compute_capability < 75)
    return Support::no("needs compute capability 7.5");
  constexpr std::int64_t most = std::int64_t{1} << 30;  // so that no step of the loop wraps around
  if (problem.frames * 80 >= most || problem.y_count() >= most) return Support::no("needs fewer than 2^30 elements");
  return {};
}

Launch prepare(const Device& device, const Windows::Problem& problem, const Windows::Buffers& buffers) {
  if (problem.y_count() == 0) return [](Stream) {};
  const Params params{buffers.a, buffers.y, static_cast<unsigned>(problem.rows), static_cast<unsigned>(problem.columns),
                      static_cast<unsigned>(problem.y_count())};
  constexpr unsigned resident = 8;  // blocks of a multiprocessor
  const unsigned blocks = (params.count + threads - 1) / threads;
  const unsigned most = static_cast<unsigned>(std::max(1, device.multiprocessors)) * resident;
  const simt::LaunchShape shape{{std::min(blocks, most)}, {threads}, 0, "windows"};
  return [=](Stream stream) { simt::launch(windows, shape, stream, params); };
}

const Register<Windows> registered{{.name = "sm75_windows",
                                    .origin = Origin::ours,
                                    .device = simt::device_kind,
                                    .supports = supports,
                                    .prepare = prepare}};

}  // namespace
}  // namespace kernelgate
