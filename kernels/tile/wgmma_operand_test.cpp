// Tiles that TMA loads, by one block or in parts by two, multiply to the right product.

#include "kernels/tile/wgmma_operand.h"

#include <gtest/gtest.h>

#include <vector>

#include "kernels/op/f16.h"
#include "kernels/simt/simt_for_test.h"
#include "kernels/tile/matrix_map.h"

namespace kernelgate::tile {
namespace {

using simt::Major;

constexpr int M = 64, K = 128;  // two boxes along K where it runs fastest
constexpr int items = 2, first_n = 8, first_k = 16;

// So small that all sums are exact, and different for every element of a row and a column.
constexpr int a_value(int item, int m, int k) { return (m * 5 + k * 3 + item) % 17 - 8; }
constexpr int b_value(int item, int n, int k) { return (n * 7 + k * 11 + item * 5) % 13 - 6; }

struct Params {
  simt::TensorMap a, b;
  float* c;  // of each block: M x N
};

/// The product of A's first rows and B's columns from first_n on, over K from first_k on, of the second item.
template <int N, Major B_MAJOR, int PARTS>
SIMT_KERNEL(128, 1)
void multiply(const SIMT_GRID_CONSTANT Params p) {
  using TileA = WgmmaOperand<M, K, Major::k>;
  using TileB = WgmmaOperand<N, K, B_MAJOR, PARTS>;
  unsigned char* const smem_a = simt::dynamic_shared<unsigned char>();
  unsigned char* const smem_b = smem_a + TileA::smem_bytes;
  auto* const full = reinterpret_cast<simt::Mbarrier*>(smem_b + TileB::smem_bytes);
  const unsigned thread = simt::linear_thread_idx(), rank = simt::cluster_rank();
  if (thread == 0) {
    simt::mbarrier_init(full, 1);
    simt::fence_mbarrier_init();
  }
  simt::cluster_sync();
  if (thread == 0) {
    simt::mbarrier_arrive_expect_tx(full, TileA::smem_bytes + TileB::smem_bytes);
    TileA::load(smem_a, p.a, full, 0, first_k, 1);
    TileB::load(smem_b, p.b, full, first_n, first_k, 1, rank);
  }
  simt::mbarrier_wait(full, 0);
  float sums[N / 2];
  simt::wgmma_fence();
  for (int k = 0; k < K; k += 16)
    simt::wgmma_m64nNk16<N, simt::WgmmaForm{.b = B_MAJOR}>(sums, TileA::at_k(TileA::descriptor(smem_a, 0), k),
                                                           TileB::at_k(TileB::descriptor(smem_b, 0), k), k > 0);
  simt::wgmma_commit();
  simt::wgmma_wait<0>(sums);
  for (unsigned i = 0; i < N / 2; ++i) {
    const unsigned row = thread / 32 * 16 + i / 2 % 2 * 8 + thread % 32 / 4,
                   column = i / 4 * 8 + thread % 4 * 2 + i % 2;
    simt::store_global(p.c + (rank * M + row) * N + column, sums[i]);
  }
  simt::cluster_sync();
}

class WgmmaOperandTest : public simt::SimtTest {
 protected:
  template <int N, Major B_MAJOR, int PARTS>
  static void expect_right() {
    SCOPED_TRACE(testing::Message() << N << " columns, " << (B_MAJOR == Major::k ? "k" : "mn") << "-major, " << PARTS
                                    << " parts");
    constexpr int all_n = N + first_n, all_k = K + first_k;
    std::vector<f16> a(items * M * all_k), b(items * all_n * all_k);
    for (int item = 0; item < items; ++item)
      for (int k = 0; k < all_k; ++k) {
        for (int m = 0; m < M; ++m)
          a[static_cast<std::size_t>((item * M + m) * all_k + k)] = to_f16(static_cast<float>(a_value(item, m, k)));
        for (int n = 0; n < all_n; ++n) {
          const int at = B_MAJOR == Major::k ? n * all_k + k : k * all_n + n;
          b[static_cast<std::size_t>(item * all_n * all_k + at)] = to_f16(static_cast<float>(b_value(item, n, k)));
        }
      }
    using TileA = WgmmaOperand<M, K, Major::k>;
    using TileB = WgmmaOperand<N, K, B_MAJOR, PARTS>;
    const bool k_major = B_MAJOR == Major::k;
    std::vector<float> c(PARTS * M * N);
    const Params params{
        matrix_map({"a", a.data(), M, all_k, items}, TileA::box),
        matrix_map({"b", b.data(), k_major ? all_n : all_k, k_major ? all_k : all_n, items}, TileB::box), c.data()};
    simt::LaunchShape shape{{PARTS}, {128}, TileA::smem_bytes + TileB::smem_bytes + 8, "multiply"};
    shape.cluster = {PARTS};
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      simt::set_seed(seed);
      simt::launch(multiply<N, B_MAJOR, PARTS>, shape, nullptr, params);
      for (int i = 0; i < PARTS * M * N; ++i) {
        int expected = 0;
        for (int k = first_k; k < all_k; ++k) expected += a_value(1, i / N % M, k) * b_value(1, i % N + first_n, k);
        ASSERT_EQ(c[static_cast<std::size_t>(i)], static_cast<float>(expected)) << "element " << i;
      }
    }
  }
};

TEST_F(WgmmaOperandTest, RowsOfK) {
  expect_right<16, Major::k, 1>();
  expect_right<32, Major::k, 1>();
  expect_right<192, Major::k, 1>();
  expect_right<256, Major::k, 2>();
  expect_right<192, Major::k, 2>();
}

TEST_F(WgmmaOperandTest, RowsOfMn) {
  expect_right<16, Major::mn, 1>();
  expect_right<32, Major::mn, 1>();
  expect_right<64, Major::mn, 1>();
  expect_right<192, Major::mn, 1>();
  expect_right<256, Major::mn, 2>();
  expect_right<192, Major::mn, 2>();
}

// What TMA refuses is asked of the matrix, not of the driver.
TEST(MatrixBatch, KnowsWhatTmaCanLoad) {
  alignas(16) static const f16 at[16] = {};
  EXPECT_TRUE((MatrixBatch{"a", at, 5, 8, 1}.fits_tma()));
  EXPECT_FALSE((MatrixBatch{"a", at, 8, 5, 1}.fits_tma()));
  EXPECT_TRUE((MatrixBatch{"a", at, 8, 5, 1, 8}.fits_tma()));
  for (const int elements : {1, 2, 4}) EXPECT_FALSE((MatrixBatch{"a", at + elements, 8, 8, 1}.fits_tma())) << elements;
}

}  // namespace
}  // namespace kernelgate::tile
