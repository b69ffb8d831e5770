// The mma of tf32, int8, e4m3 and f64 against the fragment layouts of the PTX manual, element by element as the manual
// counts them, and sums that have one value in any order.

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include "kernels/op/e4m3.h"
#include "kernels/op/random.h"
#include "kernels/simt/host/counters.h"
#include "kernels/simt/mma_types.h"
#include "kernels/simt/multiprocessor.h"
#include "kernels/simt/simt.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

class MmaTypes : public SimtTest {};

using Place = std::pair<int, int>;  // row, column

/// The manual's element i of a lane's fragment of 8-bit elements.
Place byte_a(int lane, int i) {
  const int row = (i < 4 || (8 <= i && i < 12)) ? lane / 4 : lane / 4 + 8;
  return {row, lane % 4 * 4 + (i & 3) + (i < 8 ? 0 : 16)};
}
Place byte_b(int lane, int i) { return {lane % 4 * 4 + (i & 3) + (i < 4 ? 0 : 16), lane / 4}; }
Place tf32_a(int lane, int i) { return {i % 2 == 0 ? lane / 4 : lane / 4 + 8, i < 2 ? lane % 4 : lane % 4 + 4}; }
Place tf32_b(int lane, int i) { return {i == 0 ? lane % 4 : lane % 4 + 4, lane / 4}; }
Place place_d(int lane, int i) { return {i < 2 ? lane / 4 : lane / 4 + 8, lane % 4 * 2 + (i & 1)}; }

/// What each lane gives and gets, four registers at most.
struct Lanes {
  std::uint32_t a[32][4] = {}, b[32][2] = {}, d[32][4] = {};
};

template <class D, void (*MMA)(D (&)[4], const std::uint32_t (&)[4], const std::uint32_t (&)[2], Where)>
SIMT_KERNEL(32)
void multiply(Lanes* lanes) {
  const unsigned lane = lane_idx();
  D d[4];
  for (int i = 0; i < 4; ++i) d[i] = std::bit_cast<D>(lanes->d[lane][i]);
  MMA(d, lanes->a[lane], lanes->b[lane], Where::current());
  for (int i = 0; i < 4; ++i) lanes->d[lane][i] = std::bit_cast<std::uint32_t>(d[i]);
}

using Matrix = std::map<Place, int>;

/// Sums of `a` and `b`, whole numbers, on top of 7 in each.
int expected(const Matrix& a, const Matrix& b, Place at, int depth) {
  int sum = 7;
  for (int k = 0; k < depth; ++k) sum += a.at({at.first, k}) * b.at({k, at.second});
  return sum;
}

template <class D, class Launch>
void check(const Lanes& given, const Matrix& a, const Matrix& b, int depth, Launch&& run) {
  Lanes lanes = given;
  for (auto& one : lanes.d)
    for (std::uint32_t& value : one) value = std::bit_cast<std::uint32_t>(static_cast<D>(7));
  run(&lanes);
  for (int lane = 0; lane < 32; ++lane)
    for (int i = 0; i < 4; ++i)
      ASSERT_EQ(std::bit_cast<D>(lanes.d[lane][i]), static_cast<D>(expected(a, b, place_d(lane, i), depth)))
          << lane << " " << i;
}

template <class Encode>
void fill_bytes(Lanes& lanes, Matrix& a, Matrix& b, Random& random, int most, Encode encode) {
  const auto number = [&] { return static_cast<int>(random.bits() % static_cast<unsigned>(2 * most + 1)) - most; };
  for (int lane = 0; lane < 32; ++lane) {
    for (int i = 0; i < 16; ++i) {
      const int value = a[byte_a(lane, i)] = number();
      lanes.a[lane][i / 4] |= std::uint32_t{encode(value)} << (i % 4 * 8);
    }
    for (int i = 0; i < 8; ++i) {
      const int value = b[byte_b(lane, i)] = number();
      lanes.b[lane][i / 4] |= std::uint32_t{encode(value)} << (i % 4 * 8);
    }
  }
  ASSERT_EQ(a.size(), 16u * 32) << "each element of A in one place";
  ASSERT_EQ(b.size(), 32u * 8);
}

TEST_F(MmaTypes, BytesMeetWhereTheManualSays) {
  Random random(1);
  Lanes lanes;
  Matrix a, b;
  fill_bytes(lanes, a, b, random, 127, [](int value) { return static_cast<std::uint8_t>(value); });
  check<std::int32_t>(lanes, a, b, 32, [](Lanes* all) {
    launch(multiply<std::int32_t, mma_m16n8k32_s8>, {{1}, {32}}, nullptr, all);
  });
}

TEST_F(MmaTypes, ProductsOfE4m3AreExact) {
  Random random(2);
  Lanes lanes;
  Matrix a, b;
  const auto encode = [](int value) {
    for (int bits = 0; bits < 256; ++bits)
      if (to_float(e4m3{static_cast<std::uint8_t>(bits)}) == static_cast<float>(value))
        return static_cast<std::uint8_t>(bits);
    ADD_FAILURE() << value << " is no e4m3";
    return std::uint8_t{0};
  };
  fill_bytes(lanes, a, b, random, 16, encode);
  check<float>(lanes, a, b, 32, [](Lanes* all) {
    launch(multiply<float, mma_m16n8k32_e4m3>, {{1}, {32}}, nullptr, all);
  });
}

TEST_F(MmaTypes, Tf32DropsTheLowerBits) {
  Random random(3);
  Lanes lanes;
  Matrix a, b;
  // Bits that tf32 does not have must not count.
  const auto bits = [](int value) { return std::bit_cast<std::uint32_t>(static_cast<float>(value)) | 0x1fffu; };
  const auto number = [&] { return static_cast<int>(random.bits() % 1023) - 511; };
  for (int lane = 0; lane < 32; ++lane) {
    for (int i = 0; i < 4; ++i) lanes.a[lane][i] = bits(a[tf32_a(lane, i)] = number());
    for (int i = 0; i < 2; ++i) lanes.b[lane][i] = bits(b[tf32_b(lane, i)] = number());
  }
  ASSERT_EQ(a.size(), 16u * 8);
  ASSERT_EQ(b.size(), 8u * 8);
  check<float>(lanes, a, b, 8, [](Lanes* all) {
    launch(multiply<float, mma_m16n8k8_tf32>, {{1}, {32}}, nullptr, all);
  });
}

struct Doubles {
  double a[32], b[32], d[32][2];
};

SIMT_KERNEL(32) void multiply_f64(Doubles* lanes) {
  const unsigned lane = lane_idx();
  double d[2] = {lanes->d[lane][0], lanes->d[lane][1]};
  mma_m8n8k4_f64(d, lanes->a[lane], lanes->b[lane]);
  lanes->d[lane][0] = d[0];
  lanes->d[lane][1] = d[1];
}

TEST_F(MmaTypes, DoublesHaveAllTheirBits) {
  Random random(4);
  Doubles lanes{};
  double a[8][4], b[4][8];
  for (int lane = 0; lane < 32; ++lane) {
    a[lane / 4][lane % 4] = lanes.a[lane] = static_cast<double>(random.bits() % (1u << 24)) - (1 << 23);
    b[lane % 4][lane / 4] = lanes.b[lane] = static_cast<double>(random.bits() % (1u << 24)) - (1 << 23);
    lanes.d[lane][0] = lanes.d[lane][1] = 7;
  }
  launch(multiply_f64, {{1}, {32}}, nullptr, &lanes);
  for (int lane = 0; lane < 32; ++lane)
    for (int i = 0; i < 2; ++i) {
      double sum = 7;
      for (int k = 0; k < 4; ++k) sum += a[lane / 4][k] * b[k][lane % 4 * 2 + i];
      ASSERT_EQ(lanes.d[lane][i], sum) << lane << " " << i;
    }
}

TEST_F(MmaTypes, CountsItsProducts) {
  Lanes lanes;
  const CountersScope scope;
  launch(multiply<float, mma_m16n8k8_tf32>, {{1}, {32}}, nullptr, &lanes);
  launch(multiply<std::int32_t, mma_m16n8k32_s8>, {{1}, {32}}, nullptr, &lanes);
  EXPECT_EQ(scope.counters().tensor_flop, 2u * 16 * 8 * (8 + 32));
}

SIMT_KERNEL(32) void where_am_i(unsigned* out) {
  if (lane_idx() == 0) out[block_idx().x] = multiprocessor_idx();
}

TEST_F(MmaTypes, BlocksAreOnSeveralMultiprocessors) {
  std::vector<unsigned> out(6);
  launch(where_am_i, {{6}, {32}}, nullptr, out.data());
  EXPECT_EQ(out, (std::vector<unsigned>{0, 1, 2, 3, 0, 1}));
}

}  // namespace
}  // namespace kernelgate::simt
