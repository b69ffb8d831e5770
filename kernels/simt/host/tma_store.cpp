#include "kernels/simt/host/tma_store.h"

#include <fmt/format.h>

#include "kernels/simt/host/element_add.h"
#include "kernels/simt/host/memory_access.h"
#include "kernels/simt/host/shared_store.h"
#include "kernels/simt/host/tensor_copy.h"

namespace kernelgate::simt::executor {
namespace {

// Source: PTX ISA, "Restriction on Tensor Copy instructions": a store begins at no negative coordinate.
void store(const Operation& operation, const TensorLayout& layout, const void* shared, const Coordinates& at,
           StoreMode mode) {
  for (unsigned i = 0; i < layout.rank; ++i)
    if (at[i] < 0)
      fault(operation,
            fmt::format("coordinate {} is {}, must not be negative: only loads may begin before the tensor", i, at[i]));
  for_each_run(layout, {at, {}},
               [&](const std::byte* begin, std::size_t bytes) { check_bounds(operation, begin, bytes); });
  const auto write = [layout, at, mode](const std::byte* image) { store_box(layout, {at, {}}, image, mode); };
  issue_store(operation, {box_footprint(layout), 128, write}, shared);
  if (BlockCounters* counters = current_thread().block->counters())
    for_each_run(layout, {at, {}},
                 [&](const std::byte* begin, std::size_t bytes) { counters->note_bulk_write(begin, bytes); });
}

}  // namespace

void tma_store(const Operation& operation, const TensorMap& map, const void* shared, unsigned rank,
               const Coordinates& at) {
  store(operation, decode_tiled(operation, map, rank), shared, at, StoreMode::copy);
}

void tma_reduce_add(const Operation& operation, const TensorMap& map, const void* shared, unsigned rank,
                    const Coordinates& at) {
  const TensorLayout layout = decode_tiled(operation, map, rank);
  if (!can_add(layout.element))
    fault(operation, "the tensor's elements must be u32, i32, u64, f16, bf16 or f32 to be added to");
  store(operation, layout, shared, at, StoreMode::add);
}

}  // namespace kernelgate::simt::executor
