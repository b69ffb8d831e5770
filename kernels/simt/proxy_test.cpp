// What threads write must be fenced before asynchronous operations read it.

#include <gmock/gmock.h>

#include <cmath>
#include <vector>

#include "kernels/simt/fake_bulk_copy_for_test.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

using testing::AllOf;
using testing::HasSubstr;
class Proxies : public SimtTest {};

enum class Fence { by_all, by_the_issuer, before_the_write, none };
enum class Write { store_shared, cp_async, atomic, plain };

// 64 threads write a tile, one stores it.
template <Fence FENCE, Write WRITE>
SIMT_KERNEL(64)
void stage_and_store(const float* from, float* to) {
  auto* tile = dynamic_shared<float>();
  const unsigned i = linear_thread_idx();
  if (FENCE == Fence::before_the_write) fence_proxy_async();
  if (WRITE == Write::store_shared) store_shared(tile + i, from[i]);
  if (WRITE == Write::plain) tile[i] = from[i];
  if (WRITE == Write::atomic) atomic_exchange(tile + i, from[i]);
  if (WRITE == Write::cp_async) {
    cp_async<4>(tile + i, from + i);
    cp_async_commit();
    cp_async_wait<0>();
  }
  if (FENCE == Fence::by_all) fence_proxy_async();
  sync_threads();
  if (i == 37) {
    if (FENCE == Fence::by_the_issuer) fence_proxy_async();
    const executor::AsyncTicket ticket = fake_bulk_store(to, tile, 256);
    executor::current_thread().block->cluster().engine().finish(ticket, 1);
  }
}

template <Fence FENCE, Write WRITE>
std::string text_of() {
  std::vector<float> from(64, 5), to(64);
  const std::string text = fault_of([&] {
    launch(stage_and_store<FENCE, WRITE>, {{1}, {64}, 256, "stages"}, nullptr, from.data(), to.data());
  });
  return text.empty() && to != from ? "wrong" : text;
}

TEST_F(Proxies, AFenceByEachWriterWillDo) {
  for (int seed = 0; seed < 20; ++seed) {
    set_seed(seed);
    EXPECT_EQ((text_of<Fence::by_all, Write::store_shared>()), "");
    EXPECT_EQ((text_of<Fence::by_all, Write::cp_async>()), "");
    EXPECT_EQ((text_of<Fence::by_all, Write::atomic>()), "");
  }
}

TEST_F(Proxies, AMissingFenceNamesBothLines) {
  for (int seed = 0; seed < 20; ++seed) {
    set_seed(seed);
    const auto unfenced =
        AllOf(HasSubstr("kernel stages"),
              HasSubstr("thread (37,0,0) (warp 1, lane 5): fake_bulk_store at "
                        "kernels/simt/proxy_test.cpp:"),
              HasSubstr("reads offset 0 of shared memory through the async proxy, but thread ("),
              HasSubstr("of block (0,0,0) wrote it at "), HasSubstr("and has not executed fence_proxy_async since"));
    ASSERT_THAT((text_of<Fence::none, Write::store_shared>()),
                AllOf(unfenced, HasSubstr("wrote it at store_shared at kernels/simt/proxy_test.cpp:")));
    ASSERT_THAT((text_of<Fence::before_the_write, Write::store_shared>()), unfenced);
    ASSERT_THAT((text_of<Fence::by_the_issuer, Write::store_shared>()), unfenced);
    ASSERT_THAT((text_of<Fence::none, Write::atomic>()), unfenced);
    ASSERT_THAT((text_of<Fence::none, Write::cp_async>()), unfenced);
  }
}

TEST_F(Proxies, PlainPointersCantBeChecked) {
  EXPECT_THAT((text_of<Fence::by_all, Write::plain>()),
              HasSubstr("reads offset 0 of shared memory through the async proxy, but it was written through a plain "
                        "pointer: use store_shared"));
}

// A stage that the block has written by itself is filled by a load.
template <bool FENCE>
SIMT_KERNEL(32)
void load_over_store(const float* from, float* to) {
  auto* mbarrier = dynamic_shared<Mbarrier>();
  auto* tile = dynamic_shared<float>() + 4;
  if (lane_idx() == 0) {
    mbarrier_init(mbarrier, 1);
    fence_mbarrier_init();
  }
  store_shared(tile + lane_idx(), 1.0f);
  if (FENCE) fence_proxy_async();
  sync_warp();
  if (lane_idx() == 0) {
    mbarrier_arrive_expect_tx(mbarrier, 128);
    fake_bulk_load(tile, from, 128, mbarrier);
  }
  mbarrier_wait(mbarrier, 0);
  to[lane_idx()] = load_shared(tile + lane_idx());
  sync_warp();
  // What came through the async proxy may be read through it with no fence.
  if (lane_idx() == 0) executor::current_thread().block->cluster().engine().finish(fake_bulk_store(to, tile, 128));
}

TEST_F(Proxies, WritesOverUnfencedWritesToo) {
  std::vector<float> from(32, 5), to(32);
  for (int seed = 0; seed < 20; ++seed) {
    set_seed(seed);
    EXPECT_EQ(fault_of([&] { launch(load_over_store<true>, {{1}, {32}, 256}, nullptr, from.data(), to.data()); }), "");
    EXPECT_EQ(to, from);
    EXPECT_THAT(fault_of([&] {
                  launch(load_over_store<false>, {{1}, {32}, 256}, nullptr, from.data(), to.data());
                }),
                AllOf(HasSubstr("fake_bulk_load at"), HasSubstr("writes offset 16 of shared memory")));
  }
}

// What st_async brings replaces a thread's unfenced write, and so the need to fence it.
SIMT_KERNEL(32) void replace_by_st_async(float* to) {
  auto* mbarrier = dynamic_shared<Mbarrier>();
  auto* tile = dynamic_shared<float>() + 4;
  if (lane_idx() == 0) {
    mbarrier_init(mbarrier, 1);
    fence_mbarrier_init();
    mbarrier_arrive_expect_tx(mbarrier, 128);
  }
  store_shared(tile + lane_idx(), 1.0f);
  sync_warp();
  st_async(tile + lane_idx(), 2.0f, mbarrier);
  to[32 + lane_idx()] = load_shared(tile + lane_idx());  // too soon
  mbarrier_wait(mbarrier, 0);
  sync_warp();
  if (lane_idx() == 0) executor::current_thread().block->cluster().engine().finish(fake_bulk_store(to, tile, 128));
}

TEST_F(Proxies, AnAsynchronousWriteReplacesAnUnfencedOne) {
  int poisoned = 0;
  for (int seed = 0; seed < 20; ++seed) {
    set_seed(seed);
    std::vector<float> to(64);
    ASSERT_EQ(fault_of([&] { launch(replace_by_st_async, {{1}, {32}, 256}, nullptr, to.data()); }), "");
    for (int i = 0; i < 32; ++i) {
      ASSERT_EQ(to[i], 2);
      ASSERT_TRUE(to[32 + i] == 2 || std::isnan(to[32 + i])) << "what was there before must not be seen any more";
      poisoned += std::isnan(to[32 + i]);
    }
  }
  EXPECT_GT(poisoned, 0);
}

// Blocks of one launch share nothing of this, though they run in the same memory.
SIMT_KERNEL(32) void every_other_block_stores(float* to) {
  auto* tile = dynamic_shared<float>();
  if (block_idx().x % 2 == 0) {
    store_shared(tile + lane_idx(), 1.0f);
  } else if (lane_idx() == 0) {
    executor::current_thread().block->cluster().engine().finish(fake_bulk_store(to + block_idx().x * 32, tile, 128));
  }
}

TEST_F(Proxies, StartAfreshInEveryBlock) {
  set_host_threads(1);
  std::vector<float> to(32 * 8);
  EXPECT_EQ(fault_of([&] { launch(every_other_block_stores, {{8}, {32}, 256}, nullptr, to.data()); }), "");
}

}  // namespace
}  // namespace kernelgate::simt
