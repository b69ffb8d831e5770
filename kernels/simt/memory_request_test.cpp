// What requests cost, against numbers worked out by hand.

#include "kernels/simt/host/memory_request.h"

#include <gtest/gtest.h>

#include <vector>

namespace kernelgate::simt::executor {
namespace {

/// Lane i asks for `width` bytes at `begin` + i * `step`.
MemoryRequest strided(std::uintptr_t begin, std::uintptr_t step, unsigned width, unsigned lanes = 32) {
  MemoryRequest request;
  for (unsigned lane = 0; lane < lanes; ++lane) {
    request.address[lane] = begin + lane * step;
    request.bytes[lane] = static_cast<std::uint8_t>(width);
  }
  return request;
}

TEST(MemoryRequest, CountsEachSectorOnce) {
  EXPECT_EQ(sectors(strided(4096, 4, 4)), 4u);
  EXPECT_EQ(sectors(strided(4096 + 4, 4, 4)), 5u);
  EXPECT_EQ(sectors(strided(4096, 16, 16)), 16u);
  EXPECT_EQ(sectors(strided(4096, 2, 2)), 2u);
  EXPECT_EQ(sectors(strided(4096, 32, 4)), 32u);
  EXPECT_EQ(sectors(strided(4096, 0, 4)), 1u);
  EXPECT_EQ(sectors(strided(4096, 4, 4, 9)), 2u);
  EXPECT_EQ(sectors({}), 0u);
  // The order of the lanes does not matter: lanes 0, 2, 4 in one sector, the others in the one before.
  MemoryRequest crossed;
  for (unsigned lane = 0; lane < 6; ++lane) {
    crossed.address[lane] = 4096 + (lane % 2 == 0 ? 32 : 0) + lane * 4;
    crossed.bytes[lane] = 4;
  }
  EXPECT_EQ(sectors(crossed), 2u);
}

void expect_passes(const MemoryRequest& request, unsigned width, unsigned needed, unsigned conflicts) {
  const Wavefronts passes = wavefronts(request, width);
  EXPECT_EQ(passes.needed, needed);
  EXPECT_EQ(passes.conflicts, conflicts);
}

TEST(MemoryRequest, WordsOfABankTakeTurns) {
  expect_passes(strided(0, 4, 4), 4, 1, 0);
  expect_passes(strided(0, 8, 4), 4, 1, 1);        // every second bank
  expect_passes(strided(0, 12, 4), 4, 1, 0);       // odd steps meet all banks
  expect_passes(strided(0, 128, 4), 4, 1, 31);     // a column of rows of 32 words
  expect_passes(strided(0, 132, 4), 4, 1, 0);      // the same, padded by a word
  expect_passes(strided(64, 128, 4, 3), 4, 1, 2);  // three lanes alone
  expect_passes({}, 4, 0, 0);
}

TEST(MemoryRequest, LanesShareAWord) {
  expect_passes(strided(0, 0, 4), 4, 1, 0);
  expect_passes(strided(0, 2, 2), 2, 1, 0);
  expect_passes(strided(0, 1, 1), 1, 1, 0);
  expect_passes(strided(0, 64, 2), 2, 1, 15);  // 16 words in each of two banks
}

TEST(MemoryRequest, WideLanesGoInHalvesAndQuarters) {
  expect_passes(strided(0, 8, 8), 8, 2, 0);
  expect_passes(strided(0, 16, 8), 8, 2, 2);     // 16 lanes on half of the banks
  expect_passes(strided(0, 8, 8, 16), 8, 1, 0);  // half a warp
  expect_passes(strided(0, 16, 16), 16, 4, 0);
  expect_passes(strided(0, 128, 16), 16, 4, 28);  // 8 lanes on the same four banks
  expect_passes(strided(0, 144, 16), 16, 4, 0);
  expect_passes(strided(0, 16, 16, 5), 16, 1, 0);
  // Lanes 0 and 8 would be in conflict at once, and go one after the other.
  MemoryRequest two;
  two.address[8] = 1024;
  two.bytes[0] = two.bytes[8] = 16;
  expect_passes(two, 16, 2, 0);
}

}  // namespace
}  // namespace kernelgate::simt::executor
