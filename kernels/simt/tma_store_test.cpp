// TMA stores on the host executor: what they write and when, what a thread must wait for, and what is refused.

#include "kernels/simt/tma_store.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "kernels/op/f16.h"
#include "kernels/simt/simt_for_test.h"
#include "kernels/simt/tma_for_test.h"

namespace kernelgate::simt {
namespace {

using executor::BoxStart;
using testing::AllOf;
using testing::HasSubstr;
class TmaStore : public SimtTest {};

struct StoreParams {
  TensorMap map;
  BoxStart start;
  std::uint32_t words;  // of the box's image
};

template <int RANK, bool ADD>
SIMT_DEVICE void store(const TensorMap& map, const void* shared, const BoxStart& start) {
  const auto& c = start.coordinates;
  if constexpr (ADD && RANK == 1) tma_reduce_add_1d(map, shared, c[0]);
  if constexpr (ADD && RANK == 2) tma_reduce_add_2d(map, shared, c[0], c[1]);
  if constexpr (ADD && RANK == 3) tma_reduce_add_3d(map, shared, c[0], c[1], c[2]);
  if constexpr (ADD && RANK == 4) tma_reduce_add_4d(map, shared, c[0], c[1], c[2], c[3]);
  if constexpr (ADD && RANK == 5) tma_reduce_add_5d(map, shared, c[0], c[1], c[2], c[3], c[4]);
  if constexpr (!ADD && RANK == 1) tma_store_1d(map, shared, c[0]);
  if constexpr (!ADD && RANK == 2) tma_store_2d(map, shared, c[0], c[1]);
  if constexpr (!ADD && RANK == 3) tma_store_3d(map, shared, c[0], c[1], c[2]);
  if constexpr (!ADD && RANK == 4) tma_store_4d(map, shared, c[0], c[1], c[2], c[3]);
  if constexpr (!ADD && RANK == 5) tma_store_5d(map, shared, c[0], c[1], c[2], c[3], c[4]);
}

// Word i of the image is 1000 + i.
template <int RANK, bool ADD>
SIMT_KERNEL(64)
void store_box_of_words(const SIMT_GRID_CONSTANT StoreParams params) {
  auto* smem = dynamic_shared<std::uint32_t>() + 32;  // a multiple of 128 bytes and of no more
  for (unsigned i = linear_thread_idx(); i < params.words; i += 64) store_shared(smem + i, 1000 + i);
  fence_proxy_async();
  sync_threads();
  if (linear_thread_idx() == 0) {
    store<RANK, ADD>(params.map, smem, params.start);
    bulk_commit();
    bulk_wait_read<0>();
  }
}

template <int RANK>
void check_store(NumberedTensor tensor, const std::array<std::uint32_t, 5>& box, Swizzle swizzle,
                 const BoxStart& start) {
  alignas(1024) static std::uint32_t shared[8192];
  for (std::uint32_t i = 0; i < 8192 - 32; ++i) shared[32 + i] = 1000 + i;
  const auto run = [&](bool add, int seed) {
    set_seed(seed);
    NumberedTensor to = tensor;
    const TensorMap map = encode_tiled([&] {
      TiledTensor tiled = to.tiled(box, swizzle);
      tiled.tensor.address = to.data();
      return tiled;
    }());
    const auto words = static_cast<std::uint32_t>(executor::box_footprint(layout_of(map)) / 4);
    NumberedTensor expected = tensor;
    TiledTensor reference = expected.tiled(box, swizzle);
    reference.tensor.address = expected.data();
    executor::store_box(layout_of(encode_tiled(reference)), start, reinterpret_cast<const std::byte*>(shared + 32),
                        add ? executor::StoreMode::add : executor::StoreMode::copy);
    const LaunchShape shape{{1}, {64}, sizeof shared};
    if (add)
      launch(store_box_of_words<RANK, true>, shape, nullptr, StoreParams{map, start, words});
    else
      launch(store_box_of_words<RANK, false>, shape, nullptr, StoreParams{map, start, words});
    ASSERT_TRUE(std::equal(to.data(), to.data() + to.memory().size() - 4, expected.data())) << RANK << " " << seed;
    ASSERT_FALSE(std::equal(to.data(), to.data() + to.memory().size() - 4, tensor.data())) << "nothing was stored";
  };
  for (int seed = 0; seed < 12; ++seed) {
    run(false, seed);
    run(true, seed);
  }
}

TEST_F(TmaStore, WritesOrAddsBoxesOfAllRanksClippedOrNot) {
  for (const int first : {0, 3, 10}) {
    check_store<1>(NumberedTensor({50}), {32}, Swizzle::none, {{2 * first}, {}});
    check_store<2>(NumberedTensor({20, 9}), {16, 7}, Swizzle::bytes_64, {{first, 1}, {}});
    check_store<2>(NumberedTensor({20, 40}), {32, 32}, Swizzle::bytes_128, {{first, 4}, {}});
    check_store<3>(NumberedTensor({20, 5, 4}), {8, 4, 3}, Swizzle::bytes_32, {{first, 2, 1}, {}});
    check_store<4>(NumberedTensor({20, 5, 4, 3}), {4, 4, 3, 2}, Swizzle::none, {{first, 2, 0, 2}, {}});
    check_store<5>(NumberedTensor({20, 5, 4, 3, 3}), {4, 4, 3, 2, 2}, Swizzle::none, {{first, 2, 1, 1, 2}, {}});
  }
}

// Many blocks add to the same elements, on several host threads.
TEST_F(TmaStore, AdditionsAreAtomic) {
  NumberedTensor to({64});
  to.fill(5);
  TiledTensor tiled = to.tiled({64});
  tiled.tensor.address = to.data();
  launch(store_box_of_words<1, true>, {{200}, {64}, 1024}, nullptr, StoreParams{encode_tiled(tiled), {}, 64});
  for (std::uint32_t i = 0; i < 64; ++i) ASSERT_EQ(to.data()[i], 5 + 200 * (1000 + i));
}

enum class Fence { all, writers_only_thread_0, none };

template <Fence FENCE, bool PLAIN>
SIMT_KERNEL(64)
void store_with_fence(const SIMT_GRID_CONSTANT TensorMap map) {
  auto* smem = dynamic_shared<std::uint32_t>();
  const unsigned i = linear_thread_idx();
  if (PLAIN)
    smem[i] = i;
  else
    store_shared(smem + i, i);
  if (FENCE == Fence::all || (FENCE == Fence::writers_only_thread_0 && i == 0)) fence_proxy_async();
  sync_threads();
  if (i == 0) {
    tma_store_1d(map, smem, 0);
    bulk_commit();
    bulk_wait_read<0>();
  }
}

TEST_F(TmaStore, WhatThreadsWroteNeedsTheirFences) {
  NumberedTensor to({64});
  const TensorMap map = encode_tiled(to.tiled({64}));
  const auto text = [&](auto kernel) { return fault_of([&] { launch(kernel, {{1}, {64}, 256}, nullptr, map); }); };
  const auto names_both = AllOf(HasSubstr("tma_store_1d at kernels/simt/tma_store_test.cpp:"),
                                HasSubstr("store_shared at kernels/simt/tma_store_test.cpp:"),
                                HasSubstr("has not executed fence_proxy_async since"));
  for (int seed = 0; seed < 10; ++seed) {
    set_seed(seed);
    EXPECT_EQ(text(store_with_fence<Fence::all, false>), "");
    EXPECT_THAT(text(store_with_fence<Fence::none, false>), names_both);
    EXPECT_THAT(text(store_with_fence<Fence::writers_only_thread_0, false>), names_both);
    EXPECT_THAT(text(store_with_fence<Fence::all, true>), HasSubstr("written through a plain pointer"));
  }
}

struct OneStore {
  TensorMap map;
  int shared = 0;
  int x = 0, y = 0;
  bool add = false;
};
SIMT_KERNEL(1) void one_store(const SIMT_GRID_CONSTANT OneStore one) {
  auto* smem = dynamic_shared<std::uint8_t>();
  if (one.add)
    tma_reduce_add_2d(one.map, smem + one.shared, one.x, one.y);
  else
    tma_store_2d(one.map, smem + one.shared, one.x, one.y);
  bulk_commit();
  bulk_wait<0>();
}

TEST_F(TmaStore, ChecksItsArguments) {
  const NumberedTensor matrix({16, 4}), box({16, 4, 2});
  const TensorMap map = encode_tiled(matrix.tiled({16, 4}));
  const auto text = [&](const OneStore& one) {
    return fault_of([&] { launch(one_store, {{1}, {1}, 512, "stores"}, nullptr, one); });
  };
  EXPECT_EQ(text({map}), "");
  EXPECT_EQ(text({map, 256, 99, 99}), "");
  EXPECT_THAT(text({map, 64}), AllOf(HasSubstr("kernel stores"), HasSubstr("tma_store_2d at"),
                                     HasSubstr("misaligned: reads at offset 64 of its 512 bytes of shared memory, must "
                                               "be at a multiple of 128")));
  EXPECT_THAT(text({map, 384}), HasSubstr("out of bounds: reads 256 bytes at offset 384"));
  EXPECT_THAT(text({map, 0, -1, 0}), HasSubstr("coordinate 0 is -1, must not be negative"));
  EXPECT_THAT(text({map, 0, 0, -2}), HasSubstr("coordinate 1 is -2"));
  EXPECT_THAT(text({encode_tiled(box.tiled({4, 1, 1}))}), HasSubstr("of 3 dimensions, must be of 2"));
  EXPECT_THAT(text({TensorMap{}}), HasSubstr("not made by encode_tiled"));
  TiledTensor doubles = matrix.tiled({4, 4});
  doubles.tensor.element = TensorElement::f64;
  EXPECT_EQ(text({encode_tiled(doubles)}), "");
  EXPECT_THAT(text({encode_tiled(doubles), 0, 0, 0, true}),
              AllOf(HasSubstr("tma_reduce_add_2d at"), HasSubstr("must be u32, i32, u64, f16, bf16 or f32")));
}

}  // namespace
}  // namespace kernelgate::simt
