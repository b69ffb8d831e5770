// Probes against what the manual says, worked out here from their inputs: so that both sides are not wrong alike.

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <string>

#include "kernels/op/bf16.h"
#include "kernels/op/f16.h"
#include "kernels/silicon/probe_inputs.h"
#include "kernels/silicon/probe_run.h"

namespace kernelgate::silicon {
namespace {

constexpr std::uint64_t seed = 5;

struct Ran {
  std::vector<std::byte> in, out;
  std::uint32_t word(const std::vector<std::byte>& bytes, std::size_t i) const {
    return get<std::uint32_t>(bytes, 4 * i);
  }
  template <class T>
  static T get(const std::vector<std::byte>& bytes, std::size_t at) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
  }
};

Ran ran(const std::string& name) {
  Device device;
  device.kind = DeviceKind::simt;
  for (const Probe& probe : probes_of(DeviceKind::simt))
    if (probe.name == name) return {make_inputs(probe.inputs, probe.input_bytes, seed), run_probe(probe, device, seed)};
  ADD_FAILURE() << "no probe " << name;
  return {};
}

std::uint16_t half(std::uint32_t pair, unsigned which) { return static_cast<std::uint16_t>(pair >> 16 * which); }

/// PTX ISA, "Matrix Fragments for mma.m16n8k16" and k8: where each register of a lane belongs.
template <class T>
void expect_products(const std::string& name, unsigned k, T number) {
  const Ran probe = ran(name);
  const unsigned registers_a = k / 4, registers_b = k / 8;
  std::vector<float> a(16 * k), b(k * 8), d(16 * 8);
  for (unsigned lane = 0; lane < 32; ++lane) {
    const unsigned g = lane / 4, t = lane % 4;
    for (unsigned r = 0; r < registers_a; ++r)
      for (unsigned i = 0; i < 2; ++i)
        a[(g + r % 2 * 8) * k + r / 2 * 8 + 2 * t + i] = number(half(probe.word(probe.in, 32 * r + lane), i));
    for (unsigned r = 0; r < registers_b; ++r)
      for (unsigned i = 0; i < 2; ++i)
        b[(r * 8 + 2 * t + i) * 8 + g] = number(half(probe.word(probe.in, 32 * (registers_a + r) + lane), i));
    for (unsigned r = 0; r < 4; ++r)
      d[(g + r / 2 * 8) * 8 + 2 * t + r % 2] =
          number(half(probe.word(probe.in, 32 * (registers_a + registers_b + r) + lane), 0));
  }
  for (unsigned times : {1u, 3u})
    for (unsigned lane = 0; lane < 32; ++lane)
      for (unsigned r = 0; r < 4; ++r) {
        const unsigned row = lane / 4 + r / 2 * 8, column = lane % 4 * 2 + r % 2;
        float sum = d[row * 8 + column];
        for (unsigned turn = 0; turn < times; ++turn)
          for (unsigned i = 0; i < k; ++i) sum += a[row * k + i] * b[i * 8 + column];
        const std::size_t at = (times == 1 ? 0 : 128) + 32 * r + lane;
        ASSERT_EQ(std::bit_cast<float>(probe.word(probe.out, at)), sum)
            << name << ", lane " << lane << ", d[" << r << "]";
      }
}

TEST(Expectation, MmaFragmentsAreTheManuals) {
  const auto f16_number = [](std::uint16_t bits) { return to_float(f16{bits}); };
  const auto bf16_number = [](std::uint16_t bits) { return to_float(bf16{bits}); };
  expect_products("mma/m16n8k8_f16_integers", 8, f16_number);
  expect_products("mma/m16n8k16_f16_integers", 16, f16_number);
  expect_products("mma/m16n8k8_bf16_integers", 8, bf16_number);
  expect_products("mma/m16n8k16_bf16_integers", 16, bf16_number);
}

/// Where row `lane` of the probes for ldmatrix lies.
std::size_t row_at(unsigned lane) { return (lane * 21 + 7) % 64 * 16; }

TEST(Expectation, LdmatrixGivesRowsAndColumns) {
  for (unsigned matrices : {1u, 2u, 4u})
    for (bool trans : {false, true}) {
      const std::string name = "ldmatrix/x" + std::to_string(matrices) + (trans ? "_trans" : "");
      const Ran probe = ran(name);
      for (unsigned m = 0; m < matrices; ++m)
        for (unsigned lane = 0; lane < 32; ++lane)
          for (unsigned i = 0; i < 2; ++i) {
            const unsigned row = trans ? lane % 4 * 2 + i : lane / 4, column = trans ? lane / 4 : lane % 4 * 2 + i;
            const auto expected = Ran::get<std::uint16_t>(probe.in, row_at(8 * m + row) + 2 * column);
            ASSERT_EQ(half(probe.word(probe.out, 32 * m + lane), i), expected) << name << ", lane " << lane;
          }
    }
}

TEST(Expectation, StmatrixPutsRowsAndColumns) {
  for (bool trans : {false, true}) {
    const Ran probe = ran(std::string("stmatrix/x4") + (trans ? "_trans" : ""));
    std::vector<std::byte> expected(1024, std::byte{0x55});
    for (unsigned m = 0; m < 4; ++m)
      for (unsigned lane = 0; lane < 32; ++lane)
        for (unsigned i = 0; i < 2; ++i) {
          const unsigned row = trans ? lane % 4 * 2 + i : lane / 4, column = trans ? lane / 4 : lane % 4 * 2 + i;
          const std::uint16_t value = half(probe.word(probe.in, 32 * m + lane), i);
          std::memcpy(expected.data() + row_at(8 * m + row) + 2 * column, &value, 2);
        }
    EXPECT_EQ(probe.out, expected);
  }
}

// Shapes of kernels/silicon/box_cases.h, of two dimensions.
constexpr int columns = 77, rows = 13, row_stride = 176, image = 8192;

TEST(Expectation, BoxesAreClippedAndSwizzled) {
  for (unsigned span : {32u, 64u, 128u}) {
    const Ran probe = ran("tma_load/2d_swizzle_" + std::to_string(span));
    const int box_columns = static_cast<int>(span) / 2, box_rows = 11;
    // The corners in their order: inside, past the end of both, and of each alone, before each.
    const int starts[][2] = {
        {1, 1}, {columns - box_columns / 2, rows - box_rows / 2}, {columns - 1, 1}, {-1, 1}, {1, rows - 1}};
    for (std::size_t corner = 0; corner < std::size(starts); ++corner) {
      std::vector<std::byte> expected(image, std::byte{0x33});
      for (int r = 0; r < box_rows; ++r)
        for (int c = 0; c < box_columns; ++c) {
          const int column = starts[corner][0] + c, row = starts[corner][1] + r;
          const bool inside = column >= 0 && column < columns && row >= 0 && row < rows;
          const std::uint16_t value =
              inside ? Ran::get<std::uint16_t>(probe.in, static_cast<std::size_t>(row * row_stride + column * 2)) : 0;
          // CUTLASS: Swizzle<1 to 3, 4, 3>: bits 7 and up are XORed into bits 4 and up.
          const unsigned plain = static_cast<unsigned>(r) * span + static_cast<unsigned>(c) * 2;
          const unsigned at = plain ^ ((plain >> 7 & (span / 16 - 1)) << 4);
          std::memcpy(expected.data() + at, &value, 2);
        }
      const auto* begin = probe.out.data() + corner * image;
      ASSERT_EQ(std::vector<std::byte>(begin, begin + image), expected) << "span " << span << ", corner " << corner;
    }
  }
}

TEST(Expectation, ColumnsOfPixelsFollowTheConvolution) {
  // tma_im2col/4d_3x3_taps: C 64, W 7, H 6, N 2, padding 1, 3 x 3 taps, 40 pixels; swizzle of 128 bytes.
  const Ran probe = ran("tma_im2col/4d_3x3_taps");
  constexpr int C = 64, W = 7, H = 6, N = 2, pixels = 40;
  struct Start {
    int c, w, h, n, tap_w, tap_h;
  };
  constexpr Start starts[] = {
      {0, -1, -1, 0, 0, 0}, {0, -1, -1, 0, 2, 2}, {0, 5, 4, 0, 1, 0}, {0, 3, 4, 1, 2, 1}, {32, 2, 2, 0, 1, 1}};
  for (std::size_t s = 0; s < std::size(starts); ++s) {
    const Start& start = starts[s];
    std::vector<std::byte> expected(image, std::byte{0x33});
    // The output's pixels in their order, from the one whose first tap is at (w, h): W x H of them for each image.
    int out = (start.n * H + start.h + 1) * W + start.w + 1;
    for (int p = 0; p < pixels; ++p, ++out) {
      const int n = out / (W * H), w = out % W - 1 + start.tap_w, h = out / W % H - 1 + start.tap_h;
      for (int c = 0; c < C; ++c) {
        const int channel = start.c + c;
        const bool inside = n < N && w >= 0 && w < W && h >= 0 && h < H && channel < C;
        const int pixel_bytes = C * 2 + 16;
        const std::uint16_t value =
            inside ? Ran::get<std::uint16_t>(
                         probe.in, static_cast<std::size_t>(((n * H + h) * W + w) * pixel_bytes + channel * 2))
                   : 0;
        const unsigned plain = static_cast<unsigned>(p) * 128 + static_cast<unsigned>(c) * 2;
        const unsigned at = plain ^ ((plain >> 7 & 7) << 4);
        std::memcpy(expected.data() + at, &value, 2);
      }
    }
    const auto* begin = probe.out.data() + s * image;
    ASSERT_EQ(std::vector<std::byte>(begin, begin + image), expected) << "start " << s;
  }
}

}  // namespace
}  // namespace kernelgate::silicon
