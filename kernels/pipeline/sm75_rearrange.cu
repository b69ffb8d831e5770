// Copies between layers: each thread takes elements of y, in chunks of 16 bytes where both inputs' rows are whole
// chunks.

#include <algorithm>

#include "kernels/pipeline/pipeline.h"
#include "kernels/pipeline/rearrange.h"
#include "kernels/simt/simt.h"

namespace kernelgate {
namespace {

using pipeline::Rearrange;

constexpr unsigned threads = 256;

template <class CHUNK>
struct JoinParams {
  const CHUNK* a;
  const CHUNK* b;
  CHUNK* y;
  unsigned a_columns, b_columns, count;  ///< in chunks
};

/// Grid: x = blocks that take chunks in turn.
template <class CHUNK>
SIMT_KERNEL(threads)
void join(const SIMT_GRID_CONSTANT JoinParams<CHUNK> p) {
  const unsigned columns = p.a_columns + p.b_columns;
  for (unsigned i = simt::block_idx().x * threads + simt::linear_thread_idx(); i < p.count;
       i += simt::grid_dim().x * threads) {
    const unsigned row = i / columns, column = i - row * columns;
    const CHUNK* const from = column < p.a_columns ? p.a + std::uint64_t{row} * p.a_columns + column
                                                   : p.b + std::uint64_t{row} * p.b_columns + (column - p.a_columns);
    simt::store_global(p.y + i, simt::load_global(from));
  }
}

struct WindowParams {
  const f16* a;
  f16* y;
  unsigned rows, a_columns, count;
};

SIMT_KERNEL(threads)
void windows(const SIMT_GRID_CONSTANT WindowParams p) {
  constexpr unsigned width = Pipeline::window;
  for (unsigned i = simt::block_idx().x * threads + simt::linear_thread_idx(); i < p.count;
       i += simt::grid_dim().x * threads) {
    const unsigned line = i / width, frame = line / p.rows, row = line - frame * p.rows;
    const unsigned first = frame * 80 / Pipeline::frames_per_second;
    simt::store_global(p.y + i, simt::load_global(p.a + std::uint64_t{row} * p.a_columns + first + i % width));
  }
}

constexpr std::int64_t most = std::int64_t{1} << 30;  // so that no step of the loop wraps around

Support supports(const Device& device, const Rearrange::Problem& problem) {
  if (simt::device_kind == DeviceKind::cuda && device.compute_capability < 75)
    return Support::no("needs compute capability 7.5");
  if (static_cast<double>(problem.rows) * static_cast<double>(problem.a_columns + problem.b_columns) >= most ||
      problem.frames * 80 >= most || problem.y_count() >= most)
    return Support::no("needs fewer than 2^30 elements");
  return {};
}

simt::LaunchShape shape_of(const Device& device, std::int64_t count, const char* name) {
  constexpr std::int64_t resident = 8;  // blocks of a multiprocessor
  const std::int64_t blocks = (count + threads - 1) / threads;
  return {
      {static_cast<unsigned>(std::min(blocks, std::max(1, device.multiprocessors) * resident))}, {threads}, 0, name};
}

template <class CHUNK>
Launch make_join(const Device& device, const Rearrange::Problem& problem, const Rearrange::Buffers& buffers) {
  constexpr auto elements = static_cast<std::int64_t>(sizeof(CHUNK) / sizeof(f16));
  const JoinParams<CHUNK> params{reinterpret_cast<const CHUNK*>(buffers.a),
                                 reinterpret_cast<const CHUNK*>(buffers.b),
                                 reinterpret_cast<CHUNK*>(buffers.y),
                                 static_cast<unsigned>(problem.a_columns / elements),
                                 static_cast<unsigned>(problem.b_columns / elements),
                                 static_cast<unsigned>(problem.y_count() / elements)};
  const simt::LaunchShape shape = shape_of(device, params.count, "join");
  return [=](Stream stream) { simt::launch(join<CHUNK>, shape, stream, params); };
}

Launch prepare(const Device& device, const Rearrange::Problem& problem, const Rearrange::Buffers& buffers) {
  if (problem.y_count() == 0) return [](Stream) {};
  if (problem.frames > 0) {
    const WindowParams params{buffers.a, buffers.y, static_cast<unsigned>(problem.rows),
                              static_cast<unsigned>(problem.a_columns), static_cast<unsigned>(problem.y_count())};
    const simt::LaunchShape shape = shape_of(device, params.count, "windows");
    return [=](Stream stream) { simt::launch(windows, shape, stream, params); };
  }
  const auto aligned = [](const void* pointer) { return reinterpret_cast<std::uintptr_t>(pointer) % 16 == 0; };
  const bool whole = problem.a_columns % 8 == 0 && problem.b_columns % 8 == 0 && aligned(buffers.a) &&
                     aligned(buffers.b) && aligned(buffers.y);
  return whole ? make_join<simt::Vec4>(device, problem, buffers) : make_join<f16>(device, problem, buffers);
}

const Register<Rearrange> registered{{.name = "sm75_rearrange",
                                      .origin = Origin::ours,
                                      .device = simt::device_kind,
                                      .supports = supports,
                                      .prepare = prepare}};

}  // namespace
}  // namespace kernelgate
