// Groups of bulk stores: what a wait covers, and what a thread must have waited for.

#include "kernels/simt/bulk_group.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "kernels/simt/simt_for_test.h"
#include "kernels/simt/tma_for_test.h"

namespace kernelgate::simt {
namespace {

using testing::AllOf;
using testing::HasSubstr;
class BulkGroup : public SimtTest {};

enum class Wait { read, nothing, full };

// Two boxes through one buffer.
template <Wait WAIT>
SIMT_KERNEL(1)
void reuse_the_buffer(const SIMT_GRID_CONSTANT TensorMap map) {
  auto* smem = dynamic_shared<std::uint32_t>();
  for (int box = 0; box < 2; ++box) {
    for (unsigned i = 0; i < 4; ++i) store_shared(smem + i, static_cast<std::uint32_t>(box + 1));
    fence_proxy_async();
    tma_store_1d(map, smem, 4 * box);
    bulk_commit();
    if (WAIT == Wait::read) bulk_wait_read<0>();
    if (WAIT == Wait::full) bulk_wait<0>();
  }
  bulk_wait_read<0>();
}

template <Wait WAIT>
int wrong_of_40() {
  int wrong = 0;
  for (int seed = 0; seed < 40; ++seed) {
    set_seed(seed);
    NumberedTensor to({8});
    TiledTensor tiled = to.tiled({4});
    tiled.tensor.address = to.data();
    launch(reuse_the_buffer<WAIT>, {{1}, {1}, 128}, nullptr, encode_tiled(tiled));
    wrong += to.data()[0] != 1 || to.data()[7] != 2;
  }
  return wrong;
}

TEST_F(BulkGroup, ABufferIsFreeWhenItsStoreHasRead) {
  EXPECT_EQ(wrong_of_40<Wait::read>(), 0);
  EXPECT_EQ(wrong_of_40<Wait::full>(), 0);
  EXPECT_GT(wrong_of_40<Wait::nothing>(), 10);
}

// Three groups of one store each; what of them is in global memory after the wait.
template <int PENDING, bool READ, bool COMMIT_LAST = true>
SIMT_KERNEL(1)
void three_groups(const SIMT_GRID_CONSTANT TensorMap map, const std::uint32_t* stored, std::uint32_t* seen) {
  auto* smem = dynamic_shared<std::uint32_t>();
  for (unsigned i = 0; i < 4; ++i) store_shared(smem + i, 7);
  fence_proxy_async();
  for (int group = 0; group < 3; ++group) {
    tma_store_1d(map, smem, 4 * group);
    if (COMMIT_LAST || group < 2) bulk_commit();
  }
  if (READ)
    bulk_wait_read<PENDING>();
  else
    bulk_wait<PENDING>();
  for (int group = 0; group < 3; ++group) seen[group] = stored[4 * group];
  bulk_commit();
  bulk_wait<0>();
}

template <int PENDING, bool READ, bool COMMIT_LAST = true>
int least_written() {
  int least = 3;
  for (int seed = 0; seed < 60; ++seed) {
    set_seed(seed);
    NumberedTensor to({12});
    TiledTensor tiled = to.tiled({4});
    tiled.tensor.address = to.data();
    std::uint32_t seen[3];
    launch(three_groups<PENDING, READ, COMMIT_LAST>, {{1}, {1}, 128}, nullptr, encode_tiled(tiled), to.data(), seen);
    least = std::min(least, static_cast<int>(std::find_if(seen, seen + 3, [](auto s) { return s != 7; }) - seen));
    EXPECT_EQ(std::count(to.data(), to.data() + 12, 7u), 12);
  }
  return least;
}

TEST_F(BulkGroup, AWaitCoversAllButTheLatestGroups) {
  EXPECT_EQ((least_written<0, false>()), 3);
  EXPECT_EQ((least_written<1, false>()), 2);
  EXPECT_EQ((least_written<2, false>()), 1);
  EXPECT_EQ((least_written<3, false>()), 0);
  EXPECT_EQ((least_written<0, true>()), 0) << "having read is not having written";
  EXPECT_EQ((least_written<0, false, false>()), 2) << "what was not committed is not waited for";
}

enum class Leave { uncommitted, unwaited, other_waits, half };

template <Leave LEAVE>
SIMT_KERNEL(2)
void leave(const SIMT_GRID_CONSTANT TensorMap map) {
  auto* smem = dynamic_shared<std::uint32_t>();
  const unsigned i = linear_thread_idx();
  if (i == 0) {
    for (unsigned k = 0; k < 4; ++k) store_shared(smem + k, 7);
    fence_proxy_async();
    tma_store_1d(map, smem, 0);
    if (LEAVE != Leave::uncommitted) bulk_commit();
    if (LEAVE == Leave::uncommitted) bulk_wait<0>();
    if (LEAVE == Leave::half) {
      tma_store_1d(map, smem, 4);
      bulk_commit();
      bulk_wait_read<1>();
    }
  }
  sync_threads();
  if (LEAVE == Leave::other_waits && i == 1) bulk_wait<0>();
}

TEST_F(BulkGroup, AThreadMayNotLeaveBeforeItsStoresHaveRead) {
  NumberedTensor to({12});
  const TensorMap map = encode_tiled(to.tiled({4}));
  const auto text = [&](auto kernel) {
    return fault_of([&] { launch(kernel, {{1}, {2}, 128, "leaves"}, nullptr, map); });
  };
  for (int seed = 0; seed < 10; ++seed) {
    set_seed(seed);
    EXPECT_THAT(text(leave<Leave::uncommitted>),
                AllOf(HasSubstr("kernel leaves"), HasSubstr("thread (0,0,0)"),
                      HasSubstr("tma_store_1d at kernels/simt/bulk_group_test.cpp:"),
                      HasSubstr("has not committed it: bulk_commit, then bulk_wait_read<0>")));
    const auto unread = HasSubstr("has not waited for it to read shared memory: bulk_wait_read<0>");
    EXPECT_THAT(text(leave<Leave::unwaited>), unread);
    EXPECT_THAT(text(leave<Leave::other_waits>), unread) << "groups are a thread's own";
    EXPECT_THAT(text(leave<Leave::half>), unread);
  }
}

// A persistent kernel that waits for reads, and at last for all.
SIMT_KERNEL(1)
void many_stores(const SIMT_GRID_CONSTANT TensorMap map, int stores, const std::uint32_t* stored, int* written) {
  auto* smem = dynamic_shared<std::uint32_t>();
  for (int i = 0; i < stores; ++i) {
    for (unsigned k = 0; k < 4; ++k) store_shared(smem + k, static_cast<std::uint32_t>(i));
    fence_proxy_async();
    tma_store_1d(map, smem, 4 * i);
    bulk_commit();
    bulk_wait_read<0>();
  }
  bulk_wait<0>();
  for (int i = 0; i < stores; ++i) *written += stored[4 * i] == static_cast<std::uint32_t>(i);
}

TEST_F(BulkGroup, ALateWaitCoversAllStoresBefore) {
  for (int seed = 0; seed < 10; ++seed) {
    set_seed(seed);
    NumberedTensor to({4 * 300});
    TiledTensor tiled = to.tiled({4});
    tiled.tensor.address = to.data();
    int written = 0;
    launch(many_stores, {{1}, {1}, 128}, nullptr, encode_tiled(tiled), 300, to.data(), &written);
    ASSERT_EQ(written, 300);
  }
}

}  // namespace
}  // namespace kernelgate::simt
