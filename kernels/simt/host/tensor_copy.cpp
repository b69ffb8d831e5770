#include "kernels/simt/host/tensor_copy.h"

#include <algorithm>
#include <cstring>

#include "kernels/simt/host/element_add.h"

namespace kernelgate::simt::executor {
namespace {

constexpr std::size_t chunk_bytes = 16;

// The place in shared memory of a byte of the plain image. Shared memory begins at a multiple of 1024 on both sides,
// so that the bits of a host address that matter are those of a GPU's.
std::byte* place(const TensorLayout& layout, const std::byte* shared, std::size_t offset) {
  const auto address = reinterpret_cast<std::uintptr_t>(shared) + offset;
  const auto low = static_cast<unsigned>(address % 1024);
  return const_cast<std::byte*>(shared) + offset - low + swizzled(layout.swizzle, low);
}

// One row of the box in global memory: elements `begin` to `end` of it lie inside the tensor, the first at `global`.
struct Row {
  std::byte* global = nullptr;
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

// The row that begins at these indices; empty if one of the outer ones is outside.
Row row_at(const TensorLayout& layout, const std::array<std::int64_t, 5>& index, int elements) {
  std::int64_t offset = 0;
  for (unsigned i = 1; i < layout.rank; ++i) {
    if (index[i] < 0 || index[i] >= layout.dims[i]) return {};
    offset += index[i] * layout.strides[i];
  }
  Row row;
  row.begin = std::clamp<std::int64_t>(-index[0], 0, elements);
  row.end = std::clamp<std::int64_t>(layout.dims[0] - index[0], row.begin, elements);
  row.global = layout.address + offset + (index[0] + row.begin) * layout.strides[0];
  return row;
}

// Calls visit(offset of the row in the plain image, row) for all rows of a box, in their order in shared memory.
template <class Visit>
void for_tiled_rows(const TensorLayout& layout, const BoxStart& start, Visit visit) {
  std::array<std::int64_t, 5> index{};
  for (unsigned i = 0; i < layout.rank; ++i) index[i] = start.coordinates[i];
  std::size_t offset = 0;
  for (;;) {
    visit(offset, row_at(layout, index, layout.box[0]));
    offset += layout.row_bytes();
    unsigned i = 1;
    for (; i < layout.rank; ++i) {
      index[i] += layout.element_strides[i];
      if (index[i] < std::int64_t{start.coordinates[i]} + layout.box[i]) break;
      index[i] = start.coordinates[i];
    }
    if (i == layout.rank) return;
  }
}

// Source: PTX ISA, "im2col mode".
template <class Visit>
void for_im2col_rows(const TensorLayout& layout, const BoxStart& start, Visit visit) {
  const unsigned images = layout.rank - 1;  // the dimension N
  std::array<std::int64_t, 5> index{};
  for (unsigned i = 0; i < layout.rank; ++i) index[i] = start.coordinates[i];
  for (unsigned i = 1; i < images; ++i) index[i] += start.offsets[i - 1];
  for (int pixel = 0; pixel < layout.pixels; ++pixel) {
    visit(static_cast<std::size_t>(pixel) * layout.row_bytes(), row_at(layout, index, layout.channels));
    unsigned i = 1;
    for (; i < images; ++i) {
      index[i] += layout.element_strides[i];
      if (index[i] <= layout.dims[i] - 1 + layout.upper[i - 1] + start.offsets[i - 1]) break;
      index[i] = layout.lower[i - 1] + start.offsets[i - 1];
    }
    if (i == images) ++index[images];
  }
}

template <class Visit>
void for_rows(const TensorLayout& layout, const BoxStart& start, Visit visit) {
  if (layout.im2col)
    for_im2col_rows(layout, start, visit);
  else
    for_tiled_rows(layout, start, visit);
}

// Calls visit(place in shared memory, place in global memory, bytes) for each piece of a row within one chunk.
template <class Visit>
void for_pieces(const TensorLayout& layout, const std::byte* shared, std::size_t row_offset, const Row& row,
                Visit visit) {
  const auto begin = static_cast<std::size_t>(row.begin) * layout.element_bytes;
  const auto end = static_cast<std::size_t>(row.end) * layout.element_bytes;
  for (std::size_t at = begin; at < end;) {
    const std::size_t next = std::min(end, (at / chunk_bytes + 1) * chunk_bytes);
    visit(place(layout, shared, row_offset + at), row.global + (at - begin), next - at);
    at = next;
  }
}

}  // namespace

std::size_t box_footprint(const TensorLayout& layout) {
  const std::size_t span = swizzle_span(layout.swizzle);
  return (layout.box_bytes() + span - 1) / span * span;
}

void fill_box(const TensorLayout& layout, std::byte* shared, std::uint8_t value) {
  const std::size_t bytes = layout.box_bytes();
  for (std::size_t at = 0; at < bytes; at += chunk_bytes) std::memset(place(layout, shared, at), value, chunk_bytes);
}

void load_box(const TensorLayout& layout, const BoxStart& start, std::byte* shared) {
  for_rows(layout, start, [&](std::size_t offset, const Row& row) {
    if (row.end - row.begin < static_cast<std::int64_t>(layout.row_bytes() / layout.element_bytes))
      for (std::size_t at = 0; at < layout.row_bytes(); at += chunk_bytes)
        std::memset(place(layout, shared, offset + at), 0, chunk_bytes);
    for_pieces(layout, shared, offset, row,
               [](std::byte* to, const std::byte* from, std::size_t bytes) { std::memcpy(to, from, bytes); });
  });
}

void store_box(const TensorLayout& layout, const BoxStart& start, const std::byte* shared, StoreMode mode) {
  for_rows(layout, start, [&](std::size_t offset, const Row& row) {
    for_pieces(layout, shared, offset, row, [&](const std::byte* from, std::byte* to, std::size_t bytes) {
      if (mode == StoreMode::copy) {
        std::memcpy(to, from, bytes);
      } else {
        for (std::size_t at = 0; at < bytes; at += layout.element_bytes)
          add_element(layout.element, to + at, from + at);
      }
    });
  });
}

void for_each_run(const TensorLayout& layout, const BoxStart& start,
                  const std::function<void(const std::byte* begin, std::size_t bytes)>& visit) {
  const std::byte* begin = nullptr;
  std::size_t bytes = 0;
  for_rows(layout, start, [&](std::size_t, const Row& row) {
    const auto row_bytes = static_cast<std::size_t>(row.end - row.begin) * layout.element_bytes;
    if (row_bytes == 0) return;
    if (bytes > 0 && begin + bytes != row.global) {
      visit(begin, bytes);
      bytes = 0;
    }
    if (bytes == 0) begin = row.global;
    bytes += row_bytes;
  });
  if (bytes > 0) visit(begin, bytes);
}

}  // namespace kernelgate::simt::executor
