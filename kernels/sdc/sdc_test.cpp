// The products on the host executor: right against the reference in double, and a single flipped bit is found and
// named.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kernels/sdc/digest.h"
#include "kernels/sdc/sdc.h"
#include "kernels/simt/host/settings.h"

namespace kernelgate::sdc {
namespace {

constexpr unsigned launched_blocks = 6;  // on four multiprocessors, as the executor has it

std::vector<BlockReport> run(const Work& work, Word passes, const Flip& flip = {}) {
  const SdcKernel* kernel = find_sdc_kernel(DeviceKind::simt, work.kind);
  std::vector<BlockReport> reports(launched_blocks, BlockReport{~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, ~0u});
  if (kernel == nullptr) {
    ADD_FAILURE() << "no kernel of " << to_string(work.kind);
    return reports;
  }
  kernel->launch(launched_blocks, {work.a.data(), work.b.data(), work.expected.data(), reports.data(), passes, flip},
                 nullptr);
  return reports;
}

class Sdc : public testing::TestWithParam<Kind> {};

TEST_P(Sdc, EveryMultiprocessorGetsWhatTheReferenceSays) {
  for (const Pattern pattern : {Pattern::random, Pattern::toggling}) {
    const Work work = make_work(GetParam(), pattern, 7);
    for (unsigned block = 0; const BlockReport& one : run(work, 2)) {
      EXPECT_EQ(one.multiprocessor, block++ % 4);
      EXPECT_EQ(one.wrong, 0u) << "word " << one.word << " of thread " << one.thread << ": " << one.got << " and not "
                               << one.expected;
      EXPECT_EQ(one.digest, expected_digest(work, 2));
    }
  }
}

TEST_P(Sdc, AFlippedBitIsFoundWhereItIs) {
  const Work work = make_work(GetParam(), Pattern::random, 8);
  const Flip flip{2, 1, 201, 13, 1u << 3};
  for (const BlockReport& one : run(work, 3, flip)) {
    if (one.multiprocessor != flip.multiprocessor) {
      EXPECT_EQ(one.wrong, 0u);
      EXPECT_EQ(one.digest, expected_digest(work, 3));
      continue;
    }
    EXPECT_EQ(one.wrong, 1u);
    EXPECT_NE(one.digest, expected_digest(work, 3)) << "the digest alone must tell, too";
    EXPECT_EQ(one.pass, 1u);
    EXPECT_EQ(one.thread, 201u);
    EXPECT_EQ(one.word, 13u);
    EXPECT_EQ(one.expected, work.expected[13 * threads + 201]);
    EXPECT_EQ(one.got, one.expected ^ 1u << 3);
  }
}

// A fault that every multiprocessor has is none to the majority of them: only the reference sees it.
TEST_P(Sdc, AWrongOperandIsSeenThoughAllAgree) {
  const Work work = make_work(GetParam(), Pattern::random, 9);
  Work broken = work;
  broken.a[3 * threads + 17] ^= GetParam() == Kind::tf32 ? 1u << 23 : 1u << 7;  // a bit that counts in every kind
  for (const BlockReport& one : run(broken, 1)) {
    EXPECT_GT(one.wrong, 0u);
    EXPECT_NE(one.digest, expected_digest(work, 1));
  }
}

TEST_P(Sdc, PlacesOfElementsAreAllOfATile) {
  std::vector<int> seen(8 * 32 * 16);
  const unsigned rows = GetParam() == Kind::f64 ? 16 : 32;
  for (unsigned thread = 0; thread < threads; ++thread)
    for (unsigned word = 0; word < sum_words; ++word) {
      const Element at = element_of(GetParam(), thread, word);
      ASSERT_LT(at.row, rows);
      ASSERT_LT(at.column, 16u);
      ++seen[(at.warp * 32 + at.row) * 16 + at.column];
    }
  for (const int count : seen) EXPECT_TRUE(count == 0 || count == (GetParam() == Kind::f64 ? 2 : 1));
}

TEST_P(Sdc, AnotherSeedIsOtherWork) {
  EXPECT_NE(make_work(GetParam(), Pattern::random, 1).expected, make_work(GetParam(), Pattern::random, 2).expected);
  EXPECT_EQ(make_work(GetParam(), Pattern::random, 1).expected, make_work(GetParam(), Pattern::random, 1).expected);
  EXPECT_EQ(flop_of(GetParam(), 2, 3), 6 * flop_of(GetParam(), 1, 1));
}

TEST(SdcDigest, NoTwoWordsAreOne) {
  for (std::uint32_t bit = 0; bit < 32; ++bit)
    for (std::uint32_t word : {0u, 1u, 0x3f800000u, ~0u}) EXPECT_NE(mix(5, word), mix(5, word ^ 1u << bit));
  EXPECT_NE(first_digest(1), first_digest(2));
}

INSTANTIATE_TEST_SUITE_P(Kinds, Sdc, testing::ValuesIn(all_kinds),
                         [](const auto& one) { return std::string(to_string(one.param)); });

}  // namespace
}  // namespace kernelgate::sdc
