#include "kernels/simt/host/tma_load.h"

#include <fmt/format.h>

#include "kernels/simt/host/memory_access.h"
#include "kernels/simt/host/shared_load.h"
#include "kernels/simt/host/shared_memory.h"
#include "kernels/simt/host/tensor_copy.h"

namespace kernelgate::simt::executor {
namespace {

SharedLoad load_of(const TensorLayout& layout, const BoxStart& start) {
  SharedLoad load;
  load.bytes = static_cast<std::uint32_t>(layout.box_bytes());
  load.footprint = box_footprint(layout);
  load.alignment = 128;
  load.poison = [layout](std::byte* shared) { fill_box(layout, shared, SharedMemory::poison); };
  load.land = [layout, start](std::byte* shared) { load_box(layout, start, shared); };
  return load;
}

void check_bounds(const Operation& operation, const TensorLayout& layout, const BoxStart& start) {
  for_each_run(layout, start,
               [&](const std::byte* begin, std::size_t bytes) { check_bounds(operation, begin, bytes); });
}

// Also a multicast reads global memory once.
void count(const TensorLayout& layout, const BoxStart& start) {
  if (BlockCounters* counters = current_thread().block->counters())
    for_each_run(layout, start,
                 [&](const std::byte* begin, std::size_t bytes) { counters->note_bulk_read(begin, bytes); });
}

void check_rank(const Operation& operation, const TensorLayout& layout, unsigned rank) {
  if (layout.rank != rank)
    fault(operation, fmt::format("the tensor map is one of {} dimensions, must be of {}", layout.rank, rank));
}

}  // namespace

TensorLayout decode_tiled(const Operation& operation, const TensorMap& map, unsigned rank) {
  const TensorLayout layout = decode(operation, map);
  if (layout.im2col) fault(operation, "the tensor map was made by encode_im2col, must be made by encode_tiled");
  check_rank(operation, layout, rank);
  return layout;
}

void tma_load(const Operation& operation, void* shared, const TensorMap& map, void* mbarrier, unsigned rank,
              const Coordinates& at) {
  const TensorLayout layout = decode_tiled(operation, map, rank);
  check_bounds(operation, layout, {at, {}});
  issue_load(operation, load_of(layout, {at, {}}), shared, mbarrier);
  count(layout, {at, {}});
}

void tma_load_multicast(const Operation& operation, void* shared, const TensorMap& map, void* mbarrier,
                        std::uint16_t blocks, unsigned rank, const Coordinates& at) {
  const TensorLayout layout = decode_tiled(operation, map, rank);
  check_bounds(operation, layout, {at, {}});
  issue_multicast(operation, load_of(layout, {at, {}}), shared, mbarrier, blocks);
  count(layout, {at, {}});
}

// Source: PTX ISA, "im2col mode", for both ranges.
void tma_load_im2col(const Operation& operation, void* shared, const TensorMap& map, void* mbarrier, unsigned rank,
                     const Coordinates& at, const std::array<int, 3>& offsets) {
  const TensorLayout layout = decode(operation, map);
  if (!layout.im2col) fault(operation, "the tensor map was made by encode_tiled, must be made by encode_im2col");
  check_rank(operation, layout, rank);
  constexpr int most[] = {0xffff, 0xff, 0x1f};
  for (unsigned i = 0; i < rank - 2; ++i) {
    const char axis = "whd"[i];
    if (offsets[i] > most[rank - 3])
      fault(operation,
            fmt::format("offset {} is {}, must be 0 to {} at rank {}", axis, offsets[i], most[rank - 3], rank));
    const std::int64_t last = layout.dims[i + 1] - 1 + layout.upper[i];
    if (at[i + 1] < layout.lower[i] || at[i + 1] > last)
      fault(operation, fmt::format("coordinate {} is {}, must be within the map's box, {} to {}", axis, at[i + 1],
                                   layout.lower[i], last));
  }
  check_bounds(operation, layout, {at, offsets});
  issue_load(operation, load_of(layout, {at, offsets}), shared, mbarrier);
  count(layout, {at, offsets});
}

void tma_prefetch(const Operation& operation, const TensorMap& map, unsigned rank, const Coordinates&) {
  decode_tiled(operation, map, rank);
}

}  // namespace kernelgate::simt::executor
