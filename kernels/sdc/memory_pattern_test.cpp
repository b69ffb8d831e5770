// Memory that is filled and read back on the host executor, with a bit that fell over.

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "kernels/sdc/memory_pattern.h"

namespace kernelgate::sdc {
namespace {

constexpr unsigned blocks = 3;

struct alignas(16) Quad {
  std::uint32_t words[4];
};

struct Memory {
  explicit Memory(std::uint64_t count) : quads(count / 4) {}
  std::uint32_t* words() { return quads.front().words; }
  std::vector<Quad> quads;
};

std::vector<MemoryReport> run(std::string_view name, Memory& memory, std::uint32_t seed) {
  std::vector<MemoryReport> reports(blocks, MemoryReport{0, ~0ull, 0, 0});
  const MemoryRun what{memory.words(), 4 * memory.quads.size(), reports.data(), seed};
  for (const MemoryKernel& one : memory_kernels())
    if (one.device == DeviceKind::simt && one.name == name) one.launch(blocks, what, nullptr);
  return reports;
}

// Fewer than a round has, a few rounds at once, and some that are left over.
TEST(MemoryPattern, WhatIsFilledIsRead) {
  for (const std::uint64_t words : {std::uint64_t{4}, std::uint64_t{4 * 512 * blocks * 5 + 8}}) {
    Memory memory(words);
    for (const std::uint32_t seed : {6u, 7u}) {
      run("memory_fill", memory, seed);
      for (std::uint64_t i = 0; i < words; ++i) ASSERT_EQ(memory.words()[i], pattern_word(i, seed)) << i;
      for (const MemoryReport& one : run("memory_check", memory, seed)) EXPECT_EQ(one.wrong, 0u);
    }
  }
}

TEST(MemoryPattern, AFallenBitIsFoundWhereItIs) {
  constexpr std::uint64_t words = 4 * 512 * blocks * 5 + 8;
  Memory memory(words);
  run("memory_fill", memory, 3);
  for (const std::uint64_t at : {std::uint64_t{0}, std::uint64_t{9999}, std::uint64_t{12288 + 77}, words - 1}) {
    memory.words()[at] ^= 1u << 31;
    std::uint64_t wrong = 0;
    for (const MemoryReport& one : run("memory_check", memory, 3)) {
      wrong += one.wrong;
      if (one.wrong == 0) continue;
      EXPECT_EQ(one.first, at);
      EXPECT_EQ(one.got, pattern_word(at, 3) ^ 1u << 31);
    }
    EXPECT_EQ(wrong, 1u) << at;
    memory.words()[at] ^= 1u << 31;
  }
  memory.words()[6] ^= 1;
  memory.words()[5] ^= 1;
  memory.words()[8000] ^= 1;
  std::uint64_t first = ~0ull;
  for (const MemoryReport& one : run("memory_check", memory, 3)) first = std::min(first, one.first);
  EXPECT_EQ(first, 5u) << "the lowest";
}

TEST(MemoryPattern, EverySecondSeedIsTheOtherWayRound) {
  for (const std::uint64_t index : {std::uint64_t{0}, std::uint64_t{12345}, std::uint64_t{1} << 33})
    EXPECT_EQ(pattern_word(index, 10), ~pattern_word(index, 11));
}

}  // namespace
}  // namespace kernelgate::sdc
