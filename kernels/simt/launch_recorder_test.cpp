// What a recorder keeps of a launch, and which clusters run while it lives.

#include "kernels/simt/host/launch_recorder.h"

#include <gmock/gmock.h>

#include <array>
#include <cstring>
#include <stdexcept>

#include "kernels/simt/simt.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

struct Numbers {
  std::int64_t wide;
  bool flag;
};

class LaunchRecorderTest : public SimtTest {
 protected:
  std::array<int, 8> ran_{};
};

SIMT_KERNEL(32) void mark(int* ran, Numbers, char) {
  if (thread_idx().x == 0) store_global(ran + block_idx().x, 1);
}

TEST_F(LaunchRecorderTest, ParametersLieAsAKernelFindsThem) {
  const LaunchRecorder recorder({});
  launch(mark, {{8}, {32}, 512, "mark"}, nullptr, ran_.data(), Numbers{-5, true}, 'x');
  ASSERT_EQ(recorder.launches().size(), 1u);
  const RecordedLaunch& launch = recorder.launches()[0];
  EXPECT_EQ(launch.kernel, reinterpret_cast<const void*>(&mark));
  EXPECT_EQ(launch.shape.grid.x, 8u);
  EXPECT_EQ(launch.shape.dynamic_shared_bytes, 512u);
  ASSERT_EQ(launch.parameters.size(), 25u);
  int* pointer = nullptr;
  Numbers numbers{};
  std::memcpy(&pointer, launch.parameters.data(), 8);
  std::memcpy(&numbers, launch.parameters.data() + 8, sizeof numbers);
  EXPECT_EQ(pointer, ran_.data());
  EXPECT_EQ(numbers.wide, -5);
  EXPECT_TRUE(numbers.flag);
  EXPECT_EQ(static_cast<char>(launch.parameters[24]), 'x');
  EXPECT_THAT(ran_, testing::Each(0));
}

TEST_F(LaunchRecorderTest, OnlyNamedClustersRun) {
  {
    const LaunchRecorder recorder({1, 6, 99});  // there is no 99
    launch(mark, {{8}, {32}}, nullptr, ran_.data(), Numbers{}, 'x');
  }
  EXPECT_THAT(ran_, testing::ElementsAre(0, 1, 0, 0, 0, 0, 1, 0));
  launch(mark, {{8}, {32}}, nullptr, ran_.data(), Numbers{}, 'x');
  EXPECT_THAT(ran_, testing::Each(1));
}

TEST_F(LaunchRecorderTest, ThereIsOneAtATime) {
  const LaunchRecorder recorder({});
  EXPECT_THROW(LaunchRecorder second({}), std::logic_error);
}

}  // namespace
}  // namespace kernelgate::simt
