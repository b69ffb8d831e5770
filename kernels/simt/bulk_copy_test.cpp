// Bulk copies of contiguous bytes: both ways, and what they refuse. What they share with TMA is tested with it.

#include "kernels/simt/bulk_copy.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>

#include "kernels/simt/simt_for_test.h"
#include "kernels/simt/tma_for_test.h"

namespace kernelgate::simt {
namespace {

using testing::AllOf;
using testing::HasSubstr;
class BulkCopy : public SimtTest {};

struct Params {
  const std::uint8_t* from;
  std::uint8_t* to;
  std::uint32_t bytes = 4096;
  int at = 16;
  bool load = true, store = true;
};

// In and out again, through one thread.
SIMT_KERNEL(32) void there_and_back(const Params params) {
  auto* smem = dynamic_shared<std::uint8_t>();
  auto* full = reinterpret_cast<Mbarrier*>(smem);
  if (linear_thread_idx() != 0) return;
  mbarrier_init(full, 1);
  fence_mbarrier_init();
  if (params.load) {
    mbarrier_arrive_expect_tx(full, params.bytes);
    bulk_load(smem + params.at, params.from, params.bytes, full);
    mbarrier_wait(full, 0);
  }
  if (params.store) {
    bulk_store(params.to, smem + params.at, params.bytes);
    bulk_commit();
    bulk_wait<0>();
  }
}

TEST_F(BulkCopy, CopiesBothWays) {
  alignas(16) static std::uint8_t from[4096], to[4096 + 16];
  std::iota(from, from + 4096, std::uint8_t{3});
  for (int seed = 0; seed < 20; ++seed)
    for (const std::uint32_t bytes : {16u, 2048u, 4096u}) {
      set_seed(seed);
      std::fill(to, to + sizeof to, 0xee);
      launch(there_and_back, {{1}, {32}, 8192}, nullptr, Params{from, to, bytes});
      ASSERT_TRUE(std::equal(from, from + bytes, to)) << seed;
      ASSERT_EQ(to[bytes], 0xee);
    }
}

TEST_F(BulkCopy, ChecksItsArguments) {
  alignas(16) static std::uint8_t from[4096 + 16], to[4096 + 16];
  const auto text = [](const Params& params) {
    return fault_of([&] { launch(there_and_back, {{1}, {32}, 4096, "copies"}, nullptr, params); });
  };
  EXPECT_EQ(text({from, to, 4080}), "");
  EXPECT_THAT(text({from, to, 24}), AllOf(HasSubstr("kernel copies"), HasSubstr("bulk_load at"),
                                          HasSubstr("24 bytes, must be a multiple of 16")));
  EXPECT_THAT(text({from + 8, to, 16}), HasSubstr("misaligned: the global address is 8 bytes past a multiple of 16"));
  EXPECT_THAT(text({from, to, 16, 24}), HasSubstr("misaligned: writes at offset 24"));
  EXPECT_THAT(text({from, to, 4096}), HasSubstr("out of bounds: writes 4096 bytes at offset 16"));
  EXPECT_THAT(text({from, to, 24, 16, false}), AllOf(HasSubstr("bulk_store at"), HasSubstr("24 bytes, must be")));
  EXPECT_THAT(text({from, to + 8, 16, 16, false}), HasSubstr("the global address is 8 bytes past"));
  EXPECT_THAT(text({from, to, 16, 24, false}), HasSubstr("misaligned: reads at offset 24"));
  EXPECT_THAT(text({from, to, 4096, 16, false}), HasSubstr("out of bounds: reads 4096 bytes at offset 16"));
}

SIMT_KERNEL(1) void within_shared() {
  auto* smem = dynamic_shared<std::uint8_t>();
  bulk_store(smem + 16, smem + 32, 16);
}

TEST_F(BulkCopy, OneSideIsGlobal) {
  EXPECT_THAT(fault_of([] {
                launch(within_shared, {{1}, {1}, 64}, nullptr);
              }),
              HasSubstr("the global address is in shared memory, must be in global memory"));
}

}  // namespace
}  // namespace kernelgate::simt
