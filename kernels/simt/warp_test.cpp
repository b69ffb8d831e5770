// Shuffles and votes against their definition in the PTX manual, and warps that do not come together.

#include <gmock/gmock.h>

#include <functional>
#include <vector>

#include "kernels/simt/simt.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

using testing::AllOf;
using testing::HasSubstr;
class WarpOperations : public SimtTest {};

struct Shuffled {
  int index, bfly, up, down;
};

SIMT_KERNEL(64) void shuffle_all(Shuffled* out, unsigned by) {
  const int mine = 100 * static_cast<int>(warp_idx()) + static_cast<int>(lane_idx());
  out[linear_thread_idx()] = {shuffle(mine, by), shuffle_xor(mine, by % 32), shuffle_up(mine, by),
                              shuffle_down(mine, by)};
}

TEST_F(WarpOperations, ShufflesReadTheLaneTheyName) {
  for (const unsigned by : {0u, 1u, 5u, 16u, 31u, 32u, 33u}) {
    std::vector<Shuffled> out(64);
    launch(shuffle_all, {{1}, {64}}, nullptr, out.data(), by);
    for (int i = 0; i < 64; ++i) {
      const int warp = i / 32 * 100, lane = i % 32, distance = static_cast<int>(by % 32);
      ASSERT_EQ(out[i].index, warp + distance);
      ASSERT_EQ(out[i].bfly, warp + (lane ^ distance));
      ASSERT_EQ(out[i].up, warp + (lane >= distance ? lane - distance : lane));
      ASSERT_EQ(out[i].down, warp + (lane + distance < 32 ? lane + distance : lane));
    }
  }
}

SIMT_KERNEL(32) void sum_floats(float* out) {
  float value = static_cast<float>(lane_idx()) + 0.5f;
  for (unsigned mask = 16; mask > 0; mask /= 2) value += shuffle_xor(value, mask);
  out[lane_idx()] = value;
}

TEST_F(WarpOperations, ButterflySumReachesEveryLane) {
  std::vector<float> out(32);
  launch(sum_floats, {{1}, {32}}, nullptr, out.data());
  EXPECT_THAT(out, testing::Each(512.0f));
}

struct Votes {
  std::uint32_t ballot;
  bool any, all;
};

SIMT_KERNEL(32) void vote(Votes* out, std::uint32_t lanes) {
  const bool mine = lanes >> lane_idx() & 1;
  out[lane_idx()] = {ballot(mine), any(mine), all(mine)};
}

TEST_F(WarpOperations, VotesCountEveryLane) {
  for (const std::uint32_t lanes : {0u, 1u, 0x80000001u, 0xfffffffeu, 0xffffffffu}) {
    std::vector<Votes> out(32);
    launch(vote, {{1}, {32}}, nullptr, out.data(), lanes);
    for (const Votes& votes : out) {
      ASSERT_EQ(votes.ballot, lanes);
      ASSERT_EQ(votes.any, lanes != 0);
      ASSERT_EQ(votes.all, lanes == 0xffffffffu);
    }
  }
}

template <class T>
struct Reduced {
  T sum, least, largest;
};
template <class T>
SIMT_KERNEL(32)
void reduce(Reduced<T>* out, const T* in) {
  const T mine = in[lane_idx()];
  out[lane_idx()] = {reduce_add(mine), reduce_min(mine), reduce_max(mine)};
}
template <class T>
std::vector<Reduced<T>> reduced(const std::vector<T>& in) {
  std::vector<Reduced<T>> out(32);
  launch(reduce<T>, {{1}, {32}}, nullptr, out.data(), in.data());
  return out;
}

TEST_F(WarpOperations, ReductionsSeeEveryLane) {
  for (std::size_t lane = 0; lane < 32; ++lane) {
    std::vector<int> numbers(32, 5);
    numbers[lane] = -7;
    std::vector<unsigned> bits(32, 1);
    bits[lane] = 0xffffffffu;  // -1 if it were signed
    for (const auto& got : reduced(numbers)) {
      ASSERT_EQ(got.sum, 31 * 5 - 7);
      ASSERT_EQ(got.least, -7);
      ASSERT_EQ(got.largest, 5);
    }
    for (const auto& got : reduced(bits)) {
      ASSERT_EQ(got.sum, 30u);  // it wraps around
      ASSERT_EQ(got.least, 1u);
      ASSERT_EQ(got.largest, 0xffffffffu);
    }
  }
}

SIMT_KERNEL(32) void two_operations(int* out) { out[lane_idx()] = lane_idx() < 16 ? shuffle(1, 0) : shuffle_xor(1, 1); }
SIMT_KERNEL(32) void one_lane_leaves(int* out) {
  if (lane_idx() == 9) return;
  out[lane_idx()] = shuffle(1, 0);
}
SIMT_KERNEL(32) void half_goes_on(int* out) {
  if (lane_idx() < 16) out[lane_idx()] = shuffle(1, 0);
  sync_threads();
}

TEST_F(WarpOperations, AWarpThatDoesNotComeTogether) {
  std::vector<int> out(32);
  const auto text = [&](auto kernel, unsigned threads = 32) {
    return fault_of([&] { launch(kernel, {{1}, {threads}}, nullptr, out.data()); });
  };
  EXPECT_THAT(text(two_operations), AllOf(HasSubstr("the warp has diverged"), HasSubstr("shuffle_xor at"),
                                          HasSubstr("shuffle at kernels/simt/warp_test.cpp:")));
  EXPECT_THAT(text(half_goes_on), AllOf(HasSubstr("the warp has diverged"), HasSubstr("sync_threads at"),
                                        HasSubstr("shuffle at kernels/simt/warp_test.cpp:")));
  EXPECT_THAT(text(one_lane_leaves, 8), HasSubstr("needs a warp of 32, this one has 8 threads"));
}

TEST_F(WarpOperations, ALaneThatHasExitedOrIsLeaving) {
  int leaving = 0;
  for (int seed = 0; seed < 100; ++seed) {
    set_seed(seed);
    std::vector<int> out(32);
    const std::string text = fault_of([&] { launch(one_lane_leaves, {{1}, {32}}, nullptr, out.data()); });
    // Which of the two is seen depends on who comes first.
    const bool leaves = text.find("returns from the kernel while") != std::string::npos &&
                        text.find("lanes of its warp wait for it at shuffle at ") != std::string::npos;
    const bool has_left = text.find("shuffle at kernels/simt/warp_test.cpp:") != std::string::npos &&
                          text.find("1 of its lanes have returned from the kernel") != std::string::npos;
    ASSERT_NE(leaves, has_left) << text;
    leaving += leaves;
  }
  EXPECT_GT(leaving, 0);
  EXPECT_LT(leaving, 100);
}

}  // namespace
}  // namespace kernelgate::simt
