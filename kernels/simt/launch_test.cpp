// Every thread of the grid runs once, knows who it is, and sees its parameters.

#include <gmock/gmock.h>

#include <vector>

#include "kernels/simt/simt.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

using testing::HasSubstr;
class Launch : public SimtTest {};

struct Who {
  Dim3 thread, block, block_size, grid_size;
  unsigned linear, lane, warp, runs;
};

SIMT_KERNEL(1024) void write_who(Who* all) {
  const Dim3 t = thread_idx(), b = block_idx(), n = block_dim(), g = grid_dim();
  const unsigned thread = t.x + n.x * (t.y + n.y * t.z);
  const unsigned block = b.x + g.x * (b.y + g.y * b.z);
  Who& mine = all[block * n.count() + thread];
  mine = {t, b, n, g, linear_thread_idx(), lane_idx(), warp_idx(), mine.runs + 1};
}

TEST_F(Launch, EveryThreadRunsOnceAndKnowsWhoItIs) {
  const LaunchShape shape{{3, 2, 2}, {8, 5, 3}};  // 120 threads: the last warp is not full
  std::vector<Who> all(shape.grid.count() * shape.block.count(), Who{{}, {}, {}, {}, 0, 0, 0, 0});
  launch(write_who, shape, nullptr, all.data());
  std::size_t at = 0;
  for (unsigned bz = 0; bz < 2; ++bz)
    for (unsigned by = 0; by < 2; ++by)
      for (unsigned bx = 0; bx < 3; ++bx)
        for (unsigned i = 0; i < 120; ++i, ++at) {
          const Who& who = all[at];
          ASSERT_EQ(who.runs, 1u);
          ASSERT_EQ(who.block, (Dim3{bx, by, bz}));
          ASSERT_EQ(who.thread, (Dim3{i % 8, i / 8 % 5, i / 40}));
          ASSERT_EQ(who.block_size, shape.block);
          ASSERT_EQ(who.grid_size, shape.grid);
          ASSERT_EQ(who.linear, i);
          ASSERT_EQ(who.lane, i % 32);
          ASSERT_EQ(who.warp, i / 32);
        }
}

template <int SCALE>
SIMT_KERNEL(64, 2)
void scale(const float* from, float* to, const float offset) {
  const unsigned i = block_idx().x * block_dim().x + linear_thread_idx();
  to[i] = SCALE * from[i] + offset;
}

TEST_F(Launch, TakesTemplatesAndConvertsArguments) {
  std::vector<float> from(256), to(256);
  for (int i = 0; i < 256; ++i) from[i] = static_cast<float>(i);
  launch(scale<3>, {{4}, {64}}, nullptr, from.data(), to.data(), 1);
  for (int i = 0; i < 256; ++i) ASSERT_EQ(to[i], 3.0f * static_cast<float>(i) + 1);
}

TEST_F(Launch, RegistersForTheHostExecutor) { EXPECT_EQ(device_kind, DeviceKind::simt); }

SIMT_KERNEL(1024) void nothing() {}

TEST_F(Launch, RefusesWhatAGpuRefuses) {
  const auto refusal = [](const LaunchShape& shape) { return fault_of([&] { launch(nothing, shape, nullptr); }); };
  EXPECT_THAT(refusal({{1}, {1025}, 0, "big"}), HasSubstr("kernel big (launched at kernels/simt/launch_test.cpp:"));
  EXPECT_THAT(refusal({{1}, {1025}}), HasSubstr("a block of 1025x1x1 threads: 1 to 1024"));
  EXPECT_THAT(refusal({{1}, {32, 32, 2}}), HasSubstr("a block of 32x32x2 threads"));
  EXPECT_THAT(refusal({{0}, {32}}), HasSubstr("a grid of 0x1x1 blocks"));
  EXPECT_THAT(refusal({{1, 65536}, {32}}), HasSubstr("a grid of 1x65536x1 blocks"));
  EXPECT_THAT(refusal({{1}, {32}, 227 * 1024 + 1}), HasSubstr("232449 bytes of shared memory: at most 232448"));
  EXPECT_EQ(refusal({{1}, {1024}, 227 * 1024}), "");
}

SIMT_KERNEL(32) void launches_another() { launch(nothing, {{1}, {1}}, nullptr); }

TEST_F(Launch, NotFromWithinAKernel) {
  EXPECT_THAT(fault_of([] {
                launch(launches_another, {{1}, {1}}, nullptr);
              }),
              HasSubstr("launched from within a kernel"));
}

TEST_F(Launch, DeviceFunctionsNeedAKernel) {
  EXPECT_THAT(fault_of([] { thread_idx(); }), HasSubstr("called outside a kernel"));
  EXPECT_THAT(fault_of([] { sync_threads(); }), HasSubstr("called outside a kernel"));
}

}  // namespace
}  // namespace kernelgate::simt
