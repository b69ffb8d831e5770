// A warp-specialised matmul for sm_90a that is right under every seed, and the same kernel with one bug planted at a
// time: each must give wrong results or an error that names it.

#include <gmock/gmock.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "kernels/op/f16.h"
#include "kernels/op/random.h"
#include "kernels/simt/async_matmul_for_test.h"
#include "kernels/simt/host/counters.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

using Bug = PipelineBug;
using testing::AllOf;
using testing::AnyOf;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;

// Tiles are 128 x 64: 2 x 3 of them, the last ones with tails, 6 blocks of k with a tail; 3 tiles a block.
constexpr int M = 200, N = 136, K = 360;

class AsyncPipeline : public SimtTest {
 protected:
  AsyncPipeline() : a_(M * K + 64), b_(N * K + 64), expected_(M * N) {
    // Integers so small that all sums are exact: the result must be right to the bit.
    Random random(11);
    const auto fill = [&](std::vector<f16>& to) {
      for (f16& value : to) value = to_f16(static_cast<float>(random.bits() % 9) - 4);
    };
    fill(a_);
    fill(b_);
    for (int m = 0; m < M; ++m)
      for (int n = 0; n < N; ++n) {
        float sum = 0;
        for (int k = 0; k < K; ++k)
          sum += kernelgate::to_float(a_[static_cast<std::size_t>(m * K + k)]) *
                 kernelgate::to_float(b_[static_cast<std::size_t>(n * K + k)]);
        expected_[static_cast<std::size_t>(m * N + n)] = to_f16(sum);
      }
  }

  /// How the kernel fails under the seeds 0 .. count - 1.
  struct Failures {
    int wrong = 0;
    int faults = 0;
    std::set<std::string> texts;
  };
  template <int CLUSTER, Bug BUG>
  Failures failures(int count) const {
    Failures found;
    std::vector<f16> c(M * N);
    for (int seed = 0; seed < count; ++seed) {
      set_seed(static_cast<std::uint64_t>(seed));
      std::fill(c.begin(), c.end(), f16{0xffff});
      LaunchShape shape{{2}, {PipelineConfig::threads}, PipelineConfig::smem_bytes, "async_matmul"};
      shape.cluster = {CLUSTER};
      const std::string text =
          fault_of([&] { launch(async_matmul<CLUSTER, BUG>, shape, nullptr, params<CLUSTER, BUG>(c)); });
      if (!text.empty()) found.texts.insert(text);
      found.faults += !text.empty();
      found.wrong += text.empty() && c != expected_;
    }
    return found;
  }

  template <int CLUSTER>
  Counters count() const {
    std::vector<f16> c(M * N);
    LaunchShape shape{{2}, {PipelineConfig::threads}, PipelineConfig::smem_bytes, "async_matmul"};
    shape.cluster = {CLUSTER};
    const CountersScope scope;
    launch(async_matmul<CLUSTER, Bug::none>, shape, nullptr, params<CLUSTER, Bug::none>(c));
    return scope.counters();
  }

  /// How many there are. All errors must be of that kind.
  template <class Matcher>
  static int total(const Failures& found, Matcher of_text) {
    EXPECT_THAT(found.texts, Each(of_text));
    return found.wrong + found.faults;
  }

  static constexpr int seeds = 20;

  template <Bug BUG, class Matcher>
  void always_faults(Matcher of_text) const {
    for (const Failures& found : {failures<1, BUG>(seeds), failures<2, BUG>(seeds)}) {
      EXPECT_EQ(found.faults, seeds) << "bug " << static_cast<int>(BUG);
      EXPECT_THAT(found.texts, Each(AllOf(HasSubstr("kernel async_matmul"), of_text)));
    }
  }
  template <Bug BUG>
  void always_wrong() const {
    EXPECT_EQ((failures<1, BUG>(seeds).wrong), seeds) << "bug " << static_cast<int>(BUG);
    EXPECT_EQ((failures<2, BUG>(seeds).wrong), seeds) << "bug " << static_cast<int>(BUG);
  }
  template <Bug BUG>
  void mostly_wrong() const {
    EXPECT_GT((failures<1, BUG>(seeds).wrong), seeds / 3) << "bug " << static_cast<int>(BUG);
    EXPECT_GT((failures<2, BUG>(seeds).wrong), seeds / 3) << "bug " << static_cast<int>(BUG);
  }

 private:
  template <int CLUSTER, Bug BUG>
  PipelineParams params(std::vector<f16>& c) const {
    constexpr int read_k = BUG == Bug::tail_not_masked ? (K + 63) / 64 * 64 : K;
    const auto matrix = [](const char* name, const f16* at, int rows, int columns, int stride, int box_rows) {
      TiledTensor tiled{.tensor = {.name = name, .rank = 2, .address = at, .swizzle = Swizzle::bytes_128}};
      tiled.tensor.dims = {static_cast<std::uint64_t>(columns), static_cast<std::uint64_t>(rows)};
      tiled.tensor.strides_bytes = {static_cast<std::uint64_t>(stride) * 2};
      tiled.box = {64, static_cast<std::uint32_t>(box_rows)};
      return encode_tiled(tiled);
    };
    return {matrix("a", a_.data(), M, read_k, K, PipelineConfig::BLOCK_M),
            matrix("b", b_.data(), N, read_k, K, PipelineConfig::BLOCK_N / CLUSTER),
            matrix("c", c.data(), M, N, N, 64),
            M,
            N,
            K};
  }

  std::vector<f16> a_, b_;  // rows of K, and room to read past the last one
  std::vector<f16> expected_;
};

TEST_F(AsyncPipeline, TheKernelIsRightUnderEverySeed) {
  const Failures alone = failures<1, Bug::none>(200), clusters = failures<2, Bug::none>(200);
  EXPECT_EQ(alone.wrong, 0);
  EXPECT_EQ(clusters.wrong, 0);
  EXPECT_THAT(alone.texts, IsEmpty());
  EXPECT_THAT(clusters.texts, IsEmpty());
}

TEST_F(AsyncPipeline, CountsWhatItMovesAndMultiplies) {
  // 6 tiles, 6 blocks of k, 2 consumers, 4 wgmma for 64 along k; what lies outside the matrices is not read.
  constexpr std::uint64_t wgmma = 6 * 6 * 2 * 4;
  constexpr std::uint64_t a_bytes = 3 * M * K * 2;  // once for each column of tiles
  constexpr std::uint64_t b_bytes = 2 * N * K * 2;  // once for each row of tiles; a cluster of two reads it for both
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    set_seed(seed);
    const Counters alone = count<1>(), clusters = count<2>();
    for (const Counters& got : {alone, clusters}) {
      EXPECT_EQ(got.wgmma, wgmma);
      EXPECT_EQ(got.tensor_flop, wgmma * 2 * 64 * 64 * 16);
      EXPECT_EQ(got.tma_written_bytes, M * N * 2u);
      EXPECT_EQ(got.global_written_bytes, M * N * 2u);
      EXPECT_EQ(got.stmatrix, 6u * 2 * 4 * 4);  // tiles, consumers, warps, of 16 columns each
      EXPECT_EQ(got.stmatrix_conflicts, 0u);
    }
    EXPECT_EQ(alone.tma_read_bytes, a_bytes + b_bytes);
    EXPECT_EQ(clusters.tma_read_bytes, a_bytes + b_bytes / 2);
    // Rows are 720 bytes apart: in every other one a box begins within a sector.
    EXPECT_GT(alone.global_read_sectors * 32, alone.tma_read_bytes);
  }
}

TEST_F(AsyncPipeline, ErrorsThatNameTheMistake) {
  // The stage's mbarrier gets a second arrival in one phase; or the phases go on without the consumers, who then wait
  // for one that is long over or for one that never comes.
  const auto out_of_step = AnyOf(HasSubstr("all 1 arrivals of phase 0 have been made already"),
                                 HasSubstr("waits for the end of phase 0, but before it looked again"),
                                 AllOf(HasSubstr("deadlock"), HasSubstr("1 of 1 arrivals missing")));
  always_faults<Bug::no_empty_wait>(out_of_step);
  always_faults<Bug::phase_not_flipped>(out_of_step);
  always_faults<Bug::empty_starts_full>(AllOf(HasSubstr("deadlock"),
                                              HasSubstr("at mbarrier_wait at kernels/simt/async_matmul_for_test.h:"),
                                              HasSubstr("phase 0 (parity 0)"), HasSubstr("arrivals missing")));
  always_faults<Bug::expects_too_little>(
      AllOf(HasSubstr("has all its 1 arrivals and 16 bytes more than were expected"), HasSubstr("tma_load")));
  always_faults<Bug::expects_too_much>(AllOf(HasSubstr("deadlock"), HasSubstr("phase 0 (parity 0), 16 bytes missing")));
  always_faults<Bug::no_fence_before_store>(
      AllOf(HasSubstr("tma_store_2d at kernels/simt/async_matmul_for_test.h:"),
            HasSubstr("wrote it at stmatrix_x4 at kernels/simt/async_matmul_for_test.h:"),
            HasSubstr("has not executed fence_proxy_async since")));
  always_faults<Bug::no_wgmma_fence>(
      AllOf(HasSubstr("wgmma_m64nNk16 at kernels/simt/async_matmul_for_test.h:"),
            HasSubstr("the registers of d are used for the first time, with no wgmma_fence")));
  always_faults<Bug::no_wgmma_wait>(
      AllOf(HasSubstr("the last of its block to return from the kernel: its warpgroup "),
            HasSubstr("has not waited for wgmma_m64nNk16 at kernels/simt/async_matmul_for_test.h:")));
  always_faults<Bug::no_mbarrier_fence>(AllOf(HasSubstr("tma_load"),
                                              HasSubstr("with mbarrier_init at kernels/simt/async_matmul_for_test.h:"),
                                              HasSubstr("has not executed fence_mbarrier_init since")));
}

TEST_F(AsyncPipeline, WrongUnderEverySeed) {
  always_wrong<Bug::swizzle_of_64_bytes>();
  always_wrong<Bug::advances_by_elements>();
  always_wrong<Bug::accumulates_from_start>();
  always_wrong<Bug::tail_not_masked>();
}

// Where loads land early the data may be right: then it is the end of the block that nothing has made wait for them.
TEST_F(AsyncPipeline, MissingFullWait) {
  const auto noticed = AnyOf(HasSubstr("all 1 arrivals of phase 0 have been made already"),
                             HasSubstr("so the block might be gone before the bytes of tma_load"));
  EXPECT_EQ((total(failures<1, Bug::no_full_wait>(seeds), noticed)), seeds);
  EXPECT_EQ((total(failures<2, Bug::no_full_wait>(seeds), noticed)), seeds);
}

// Where wgmma, or stores, land late.
TEST_F(AsyncPipeline, WrongDataUnderMostSeeds) {
  mostly_wrong<Bug::released_too_early>();
  mostly_wrong<Bug::no_wait_for_store>();
}

TEST_F(AsyncPipeline, BlocksOfAClusterMustMeetAtBothEnds) {
  const Failures first = failures<2, Bug::no_first_cluster_sync>(seeds);
  EXPECT_EQ(first.faults, seeds);
  EXPECT_THAT(first.texts, Each(HasSubstr("may not have started yet: cluster_sync must come first")));
  const Failures last = failures<2, Bug::no_last_cluster_sync>(seeds);
  EXPECT_EQ(last.faults, seeds);
  EXPECT_THAT(last.texts, Each(AnyOf(HasSubstr("has exited, and its shared memory with it"),
                                     HasSubstr("is still under way in its shared memory"),
                                     HasSubstr("so the block might be gone before mbarrier_arrive_cluster"))));
}

}  // namespace
}  // namespace kernelgate::simt
