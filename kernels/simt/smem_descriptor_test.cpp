// Descriptors against the PTX manual: "Matrix Descriptor Format", and its table "Canonical Layouts", which is written
// in CuTe's notation and evaluated here as CuTe defines it, in elements, with no thought of chunks.

#include <gmock/gmock.h>

#include <algorithm>
#include <bit>
#include <vector>

#include "kernels/simt/simt.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

using executor::chunk_at;
using executor::SmemMatrix;
using testing::AllOf;
using testing::HasSubstr;
class Descriptor : public SimtTest {};

// One mode of a layout: a nested shape and its strides, e.g. (8,m):(8T,SBO).
struct Mode {
  std::vector<unsigned> shape, stride;

  unsigned operator()(unsigned index) const {
    unsigned sum = 0;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      const bool last = i + 1 == shape.size();
      sum += (last ? index : index % shape[i]) * stride[i];
      if (!last) index /= shape[i];
    }
    return sum;
  }
};

// Swizzle<BITS, 4, 3> on byte addresses: the BITS bits from bit 7 on are XORed into those from bit 4 on.
unsigned cute_swizzle(unsigned bits, unsigned address) {
  const unsigned mask = ((1u << bits) - 1) << 7;
  return address ^ ((address & mask) >> 3);
}

constexpr unsigned T = 8;  // elements of 16 bits in 128

// The rows of the manual's table, offsets in elements.
struct Canonical {
  Mode mn, k;
};
Canonical canonical(Swizzle swizzle, Major major, unsigned lbo, unsigned sbo, unsigned m) {
  if (major == Major::mn) {
    switch (swizzle) {
      case Swizzle::none:
        return {{{T, 1, m}, {1, T, sbo}}, {{8, 2}, {1 * T, lbo}}};
      case Swizzle::bytes_32:
        return {{{T, 2, m}, {1, T, lbo}}, {{8, 2}, {2 * T, sbo}}};
      case Swizzle::bytes_64:
        return {{{T, 4, m}, {1, T, lbo}}, {{8, 2}, {4 * T, sbo}}};
      case Swizzle::bytes_128:
        return {{{T, 8, m}, {1, T, lbo}}, {{8, 2}, {8 * T, sbo}}};
    }
  }
  switch (swizzle) {
    case Swizzle::none:
      return {{{8, m}, {1 * T, sbo}}, {{T, 2}, {1, lbo}}};
    case Swizzle::bytes_32:
      return {{{8, m}, {2 * T, sbo}}, {{T, 2}, {1, T}}};
    case Swizzle::bytes_64:
      return {{{8, m}, {4 * T, sbo}}, {{T, 2}, {1, T}}};
    default:
      return {{{8, m}, {8 * T, sbo}}, {{T, 2}, {1, T}}};
  }
}

constexpr Swizzle swizzles[] = {Swizzle::none, Swizzle::bytes_32, Swizzle::bytes_64, Swizzle::bytes_128};

unsigned element_at(const SmemMatrix& matrix, Major major, unsigned mn, unsigned k) {
  return chunk_at(matrix, major, mn, k) + (major == Major::k ? k : mn) % 8 * 2;
}

TEST_F(Descriptor, EveryElementIsWhereTheCanonicalLayoutPutsIt) {
  for (const Swizzle swizzle : swizzles)
    for (const Major major : {Major::k, Major::mn})
      for (const unsigned start : {0u, 1024u, 32u, 96u, 128u, 4096u + 16u})
        for (const unsigned lbo : {128u, 1024u, 144u})
          for (const unsigned sbo : {64u, 512u, 1032u}) {
            const SmemMatrix matrix{start, lbo * 2, sbo * 2, 0, swizzle};
            const Canonical layout = canonical(swizzle, major, lbo, sbo, 256);
            for (unsigned mn = 0; mn < 256; ++mn)
              for (unsigned k = 0; k < 16; ++k)
                ASSERT_EQ(element_at(matrix, major, mn, k),
                          cute_swizzle(static_cast<unsigned>(swizzle), start + 2 * (layout.mn(mn) + layout.k(k))))
                    << "swizzle " << swizzle_span(swizzle) << ", mn-major " << (major == Major::mn) << ", start "
                    << start << ", lbo " << lbo << ", sbo " << sbo << ", element " << mn << ", " << k;
          }
}

// The manual's worked examples for 16-bit elements: exact layouts beside the offsets of their descriptors.
TEST_F(Descriptor, AgreesWithTheManualsExamples) {
  struct Example {
    Swizzle swizzle;
    unsigned lbo, sbo;
    Mode mn, k;
  };
  const Example examples[] = {
      {Swizzle::none, 128, 64, {{8, 1, 2}, {1, 8, 64}}, {{8, 2}, {8, 128}}},
      {Swizzle::bytes_32, 128, 256, {{8, 2, 2}, {1, 8, 128}}, {{8, 2}, {16, 256}}},
      {Swizzle::bytes_64, 256, 512, {{8, 4, 2}, {1, 8, 256}}, {{8, 2}, {32, 512}}},
  };
  for (const Example& example : examples) {
    unsigned extent = 1;
    for (const unsigned side : example.mn.shape) extent *= side;
    for (unsigned mn = 0; mn < extent; ++mn)
      for (unsigned k = 0; k < 16; ++k)
        ASSERT_EQ(element_at({0, example.lbo * 2, example.sbo * 2, 0, example.swizzle}, Major::mn, mn, k),
                  cute_swizzle(static_cast<unsigned>(example.swizzle), 2 * (example.mn(mn) + example.k(k))));
  }
}

// What TMA writes: rows as long as the swizzle, its pattern by address.
TEST_F(Descriptor, ReadsTheRowsOfATmaBox) {
  for (const Swizzle swizzle : {Swizzle::bytes_32, Swizzle::bytes_64, Swizzle::bytes_128}) {
    const unsigned row_bytes = swizzle_span(swizzle);
    for (unsigned k0 = 0; k0 * 2 < row_bytes; k0 += 16)
      for (unsigned row = 0; row < 64; ++row)
        for (unsigned k = 0; k < 16; ++k)
          ASSERT_EQ(element_at({2048 + k0 * 2, 0, 8 * row_bytes, 0, swizzle}, Major::k, row, k),
                    swizzled(swizzle, 2048 + row * row_bytes + (k0 + k) * 2));
  }
}

// A pattern that starts anew at a multiple of 128 is that of a multiple of 1024, moved.
TEST_F(Descriptor, TheBaseOffsetMovesThePattern) {
  for (const Swizzle swizzle : {Swizzle::bytes_32, Swizzle::bytes_64, Swizzle::bytes_128})
    for (unsigned rows = 0; rows < 8; ++rows)
      for (unsigned row = 0; row < 24; ++row) {
        const unsigned stride = 8 * swizzle_span(swizzle);
        ASSERT_EQ(chunk_at({1024 + 128 * rows, 0, stride, rows, swizzle}, Major::k, row, 8),
                  128 * rows + chunk_at({1024, 0, stride, 0, swizzle}, Major::k, row, 8));
      }
}

TEST_F(Descriptor, GathersBothWays) {
  std::vector<std::uint16_t> memory(65536 / 2);
  for (std::size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<std::uint16_t>(i);
  const auto* bytes = reinterpret_cast<const std::byte*>(memory.data());
  for (const Swizzle swizzle : swizzles)
    for (const Major major : {Major::k, Major::mn}) {
      const SmemMatrix matrix{2048, 4096, 2048, 0, swizzle};
      constexpr unsigned extent = 24;
      std::vector<unsigned> offsets;
      for (unsigned mn = 0; mn < extent; mn += major == Major::k ? 1 : 8)
        for (unsigned k = 0; k < 16; k += major == Major::k ? 8 : 1) offsets.push_back(chunk_at(matrix, major, mn, k));
      ASSERT_EQ(offsets.size(), 2 * extent);
      std::vector<std::uint16_t> rows(extent * 16), columns(extent * 16);
      executor::gather(bytes, offsets.data(), major, extent, true, rows.data());
      executor::gather(bytes, offsets.data(), major, extent, false, columns.data());
      for (unsigned mn = 0; mn < extent; ++mn)
        for (unsigned k = 0; k < 16; ++k) {
          const unsigned expected = element_at(matrix, major, mn, k) / 2;
          ASSERT_EQ(rows[mn * 16 + k], expected);
          ASSERT_EQ(columns[k * extent + mn], expected);
        }
    }
}

struct Built {
  std::uint64_t plain, all, advanced;
};
SIMT_KERNEL(1) void build(Built* out) {
  char* smem = dynamic_shared<char>();
  out->plain = smem_descriptor(smem, Swizzle::none, 0).bits;
  out->all = smem_descriptor(smem + 0x3210, Swizzle::bytes_64, 0x2a550, 0x15aa0, 5).bits;
  out->advanced = advance(smem_descriptor(smem + 0x400, Swizzle::bytes_128, 1024), 32).bits;
}

TEST_F(Descriptor, HasTheFieldsOfTheManual) {
  Built built{};
  launch(build, {{1}, {1}, 65536}, nullptr, &built);
  EXPECT_EQ(built.plain, 0u);
  EXPECT_EQ(built.all & 0x3fff, 0x3210u >> 4);
  EXPECT_EQ(built.all >> 16 & 0x3fff, 0x15aa0u >> 4);
  EXPECT_EQ(built.all >> 32 & 0x3fff, 0x2a550u >> 4);
  EXPECT_EQ(built.all >> 49 & 7, 5u);
  EXPECT_EQ(built.all >> 62, 2u);
  EXPECT_EQ(built.advanced, 1ull << 62 | 64ull << 32 | (0x400u + 32) >> 4);
}

SIMT_KERNEL(1) void start_at(int offset, unsigned stride, unsigned leading, unsigned base_offset, Swizzle swizzle) {
  smem_descriptor(dynamic_shared<char>() + offset, swizzle, stride, leading, base_offset);
}

TEST_F(Descriptor, ChecksItsParts) {
  const auto text = [](int offset, unsigned stride, unsigned leading, unsigned base_offset, Swizzle swizzle) {
    return fault_of([&] {
      launch(start_at, {{1}, {1}, 4096, "describes"}, nullptr, offset, stride, leading, base_offset, swizzle);
    });
  };
  EXPECT_EQ(text(4080, 1024, 0, 7, Swizzle::bytes_128), "");
  EXPECT_THAT(
      text(4096, 1024, 0, 0, Swizzle::bytes_128),
      AllOf(HasSubstr("kernel describes"), HasSubstr("smem_descriptor at kernels/simt/smem_descriptor_test.cpp:"),
            HasSubstr("out of bounds: the matrix starts at offset 4096 of its 4096 bytes")));
  EXPECT_THAT(text(8, 1024, 0, 0, Swizzle::bytes_128),
              HasSubstr("the start's offset in shared memory is 8 bytes, must be a multiple of 16"));
  EXPECT_THAT(text(0, 1000, 0, 0, Swizzle::bytes_128),
              HasSubstr("stride_bytes is 1000 bytes, must be a multiple of 16"));
  EXPECT_THAT(text(0, 1 << 18, 0, 0, Swizzle::bytes_128),
              HasSubstr("stride_bytes is 262144 bytes, must be less than 26"));
  EXPECT_THAT(text(0, 1024, 100, 0, Swizzle::none), HasSubstr("leading_bytes is 100 bytes, must be a multiple of 16"));
  EXPECT_THAT(text(0, 1024, 0, 8, Swizzle::bytes_32), HasSubstr("base_offset is 8, must be 0 to 7"));
  EXPECT_THAT(text(0, 1024, 0, 1, Swizzle::none), HasSubstr("base_offset is 1, must be 0 where there is no swizzle"));
}

}  // namespace
}  // namespace kernelgate::simt
