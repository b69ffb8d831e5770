// wgmma's products: against the fragment layouts of the PTX manual and a product in double, for every n and form.

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/op/bf16.h"
#include "kernels/op/f16.h"
#include "kernels/op/random.h"
#include "kernels/simt/simt.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

class Wgmma : public SimtTest {};

constexpr int M = 64, K = 16;

// The manual's element i of a thread's fragment -> (row, column): D of m64nNk16 and A of m64k16.
struct Place {
  int row, column;
};
constexpr Place place_d(int thread, int i) {
  const int warp = thread / 32, lane = thread % 32;
  return {warp * 16 + lane / 4 + i / 2 % 2 * 8, i / 4 * 8 + lane % 4 * 2 + i % 2};
}
constexpr Place place_a(int thread, int i) {
  const int warp = thread / 32, lane = thread % 32;
  return {warp * 16 + lane / 4 + i / 2 % 2 * 8, i / 4 * 8 + lane % 4 * 2 + i % 2};
}

// How a matrix [mn][16] of 16-bit elements lies in shared memory: as TMA would put it there, or as core matrices.
struct Arrangement {
  Swizzle swizzle;
  Major major;

  int span() const { return static_cast<int>(swizzle_span(swizzle)); }
  // Boxes of `span` bytes along the major index: rows of mn, or, 16 of them, of k. Without a swizzle chunks of 8 lines.
  int at(int mn, int k) const {
    const int fast = (major == Major::k ? k : mn) * 2, slow = major == Major::k ? mn : k;
    if (swizzle == Swizzle::none) return fast / 16 * leading_or_stride() + slow / 8 * 128 + slow % 8 * 16 + fast % 16;
    const int plain = fast / span() * box_bytes() + slow * span() + fast % span();
    return static_cast<int>(swizzled(swizzle, static_cast<unsigned>(plain)));
  }
  int box_bytes() const { return major == Major::k ? 0 : 16 * span(); }
  // From a chunk to the next along the major index: behind all lines.
  int leading_or_stride() const { return major == Major::k ? 256 / 8 * 128 : 2 * 128; }
  unsigned stride() const {
    if (swizzle == Swizzle::none) return major == Major::k ? 128 : static_cast<unsigned>(leading_or_stride());
    return static_cast<unsigned>(8 * span());
  }
  unsigned leading() const {
    if (swizzle == Swizzle::none) return major == Major::k ? static_cast<unsigned>(leading_or_stride()) : 128;
    return static_cast<unsigned>(box_bytes());
  }
};

constexpr int A_BYTES = 16384, B_BYTES = 65536;

struct Problem {
  const std::uint16_t* a;      // [M][K]
  const unsigned char* image;  // of shared memory: A, B
  float* d;                    // [M][N], in and out
  Arrangement a_as, b_as;
  bool scale_d;
};

template <int N, WgmmaForm form, bool A_IN_REGISTERS>
SIMT_KERNEL(128)
void multiply(const Problem p) {
  auto* smem = dynamic_shared<unsigned char>();
  const int thread = static_cast<int>(linear_thread_idx());
  for (int i = thread * 16; i < A_BYTES + B_BYTES; i += 128 * 16)
    store_shared(reinterpret_cast<Vec4*>(smem + i), load_global(reinterpret_cast<const Vec4*>(p.image + i)));
  fence_proxy_async();
  sync_threads();
  float d[N / 2];
  for (int i = 0; i < N / 2; ++i) d[i] = p.d[place_d(thread, i).row * N + place_d(thread, i).column];
  std::uint32_t a[4] = {};
  for (int i = 0; i < 8; ++i)
    a[i / 2] |= static_cast<std::uint32_t>(p.a[place_a(thread, i).row * K + place_a(thread, i).column]) << (i % 2 * 16);

  const SmemDescriptor of_a = smem_descriptor(smem, p.a_as.swizzle, p.a_as.stride(), p.a_as.leading());
  const SmemDescriptor of_b = smem_descriptor(smem + A_BYTES, p.b_as.swizzle, p.b_as.stride(), p.b_as.leading());
  wgmma_fence();
  if constexpr (A_IN_REGISTERS) {
    wgmma_m64nNk16<N, form>(d, a, of_b, p.scale_d);
  } else {
    wgmma_m64nNk16<N, form>(d, of_a, of_b, p.scale_d);
  }
  wgmma_commit();
  wgmma_wait<0>(d);
  for (int i = 0; i < N / 2; ++i) p.d[place_d(thread, i).row * N + place_d(thread, i).column] = d[i];
}

std::uint16_t bits_of(WgmmaInput input, float value) {
  return input == WgmmaInput::f16 ? to_f16(value).bits : to_bf16(value).bits;
}

// Integers so small that every sum is exact: each element must be right to the bit.
template <int N, WgmmaForm form, bool A_IN_REGISTERS = false>
void check(Swizzle a_swizzle = Swizzle::bytes_128, Swizzle b_swizzle = Swizzle::bytes_128, bool scale_d = true) {
  Random random(static_cast<std::uint64_t>(N));
  const auto small = [&] { return static_cast<float>(random.bits() % 17) - 8; };
  std::vector<float> a(M * K), b(N * K), d(M * N);
  for (float& value : a) value = small();
  for (float& value : b) value = small();
  for (float& value : d) value = scale_d ? 100 * small() : std::numeric_limits<float>::quiet_NaN();

  const Arrangement a_as{a_swizzle, form.a}, b_as{b_swizzle, form.b};
  alignas(16) static unsigned char image[A_BYTES + B_BYTES];
  std::fill(std::begin(image), std::end(image), 0xee);
  std::vector<std::uint16_t> a_bits(M * K);
  const auto put = [&](int at, std::uint16_t bits) { std::memcpy(image + at, &bits, 2); };
  for (int m = 0; m < M; ++m)
    for (int k = 0; k < K; ++k) {
      const std::size_t i = static_cast<std::size_t>(m * K + k);
      a_bits[i] = bits_of(form.input, a[i]);
      if (!A_IN_REGISTERS) put(a_as.at(m, k), a_bits[i]);
    }
  for (int n = 0; n < N; ++n)
    for (int k = 0; k < K; ++k)
      put(A_BYTES + b_as.at(n, k), bits_of(form.input, b[static_cast<std::size_t>(n * K + k)]));

  std::vector<float> result = d;
  launch(multiply<N, form, A_IN_REGISTERS>, {{1}, {128}, A_BYTES + B_BYTES, "multiply"}, nullptr,
         Problem{a_bits.data(), image, result.data(), a_as, b_as, scale_d});
  const float sign = form.negate_a == form.negate_b ? 1 : -1;
  for (int m = 0; m < M; ++m)
    for (int n = 0; n < N; ++n) {
      float sum = 0;
      for (int k = 0; k < K; ++k)
        sum += a[static_cast<std::size_t>(m * K + k)] * b[static_cast<std::size_t>(n * K + k)];
      ASSERT_EQ(result[static_cast<std::size_t>(m * N + n)],
                (scale_d ? d[static_cast<std::size_t>(m * N + n)] : 0) + sign * sum)
          << m << " " << n;
    }
}

template <int... EIGHTHS>
void check_each_n(std::integer_sequence<int, EIGHTHS...>) {
  (check<8 * (EIGHTHS + 1), WgmmaForm{}>(), ...);
  (check<8 * (EIGHTHS + 1), WgmmaForm{}, true>(), ...);
}

TEST_F(Wgmma, MultipliesForEachN) { check_each_n(std::make_integer_sequence<int, 32>{}); }

template <WgmmaForm form>
void check_swizzles() {
  for (const Swizzle a : {Swizzle::none, Swizzle::bytes_32, Swizzle::bytes_64, Swizzle::bytes_128})
    for (const Swizzle b : {Swizzle::none, Swizzle::bytes_32, Swizzle::bytes_64, Swizzle::bytes_128}) {
      check<64, form>(a, b);
      check<192, form>(a, b);
    }
}

TEST_F(Wgmma, ReadsMatricesOfEachArrangement) {
  check_swizzles<WgmmaForm{}>();
  check_swizzles<WgmmaForm{.a = Major::mn}>();
  check_swizzles<WgmmaForm{.b = Major::mn}>();
  check_swizzles<WgmmaForm{.a = Major::mn, .b = Major::mn}>();
}

TEST_F(Wgmma, KnowsBf16AndSigns) {
  check<40, WgmmaForm{.input = WgmmaInput::bf16}>();
  check<40, WgmmaForm{.input = WgmmaInput::bf16}, true>();
  check<40, WgmmaForm{.negate_a = true}>();
  check<40, WgmmaForm{.negate_b = true}>();
  check<40, WgmmaForm{.negate_a = true, .negate_b = true}>();
  check<40, WgmmaForm{.b = Major::mn, .negate_a = true}, true>();
}

TEST_F(Wgmma, DoesNotReadDWithoutScaleD) { check<24, WgmmaForm{}>(Swizzle::bytes_128, Swizzle::bytes_128, false); }

TEST_F(Wgmma, IsTheSameInEveryOrderOfThreadsAndLandings) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    set_seed(seed);
    check<16, WgmmaForm{}>();
    check<16, WgmmaForm{}, true>();
  }
}

// One row and one column of ones, the rest zeros: d[0][0] is a sum of 16 ones on top of `start`.
float sum_of_ones(float start, float first_product) {
  std::vector<std::uint16_t> a(M * K);
  alignas(16) static unsigned char image[A_BYTES + B_BYTES];
  std::fill(std::begin(image), std::end(image), 0);
  const Arrangement as{Swizzle::bytes_128, Major::k};
  for (int k = 0; k < K; ++k) {
    a[static_cast<std::size_t>(k)] = to_f16(k == 0 ? first_product : 1).bits;
    const std::uint16_t one = to_f16(1).bits;
    std::memcpy(image + A_BYTES + as.at(0, k), &one, 2);
  }
  std::vector<float> d(M * 8, start);
  launch(multiply<8, WgmmaForm{}, true>, {{1}, {128}, A_BYTES + B_BYTES, "multiply"}, nullptr,
         Problem{a.data(), image, d.data(), as, as, true});
  return d[0];
}

TEST_F(Wgmma, AccumulatesInSinglePrecisionInTheOrderOfK) {
  EXPECT_EQ(sum_of_ones(2048, 1), 2064.0f) << "an f16 accumulator stays at 2048";
  // At 2^24 a one more is lost to rounding, each time; were they added to each other first, 16 would come through.
  EXPECT_EQ(sum_of_ones(0x1p24f, 1), 0x1p24f);
  // From 2^24 + 2 the first one is a tie that goes up to 2^24 + 4, the rest are ties that stay.
  EXPECT_EQ(sum_of_ones(0x1p24f, 2), 0x1p24f + 4);
}

TEST_F(Wgmma, NotANumberAndInfinityComeThrough) {
  EXPECT_TRUE(std::isinf(sum_of_ones(0, std::numeric_limits<float>::infinity())));
  EXPECT_TRUE(std::isnan(sum_of_ones(0, std::numeric_limits<float>::quiet_NaN())));
}

}  // namespace
}  // namespace kernelgate::simt
