#include "harness/predict/follow/banks.h"

#include <algorithm>

namespace kernelgate::predict {
namespace {

/// Passes for words of 4 bytes that are asked for at once. Lanes that ask for the same word share it.
void add_passes(std::vector<std::uint32_t>& words, Passes& passes) {
  if (words.empty()) return;
  std::ranges::sort(words);
  words.erase(std::ranges::unique(words).begin(), words.end());
  std::array<unsigned, 32> in_bank{};
  for (const std::uint32_t word : words) ++in_bank[word % 32];
  const unsigned needed = static_cast<unsigned>((words.size() + 31) / 32);
  passes.needed += needed;
  passes.conflicts += *std::ranges::max_element(in_bank) - needed;
  words.clear();
}

}  // namespace

Passes passes_of(const std::array<std::uint32_t, warp_lanes>& addresses, std::uint32_t lanes, unsigned width) {
  Passes passes;
  const unsigned at_once = width <= 4 ? 32 : width == 8 ? 16 : 8;
  std::vector<std::uint32_t> words;
  for (unsigned l = 0; l < warp_lanes; ++l) {
    if ((lanes >> l & 1) != 0)
      for (unsigned word = 0; word < std::max(width / 4, 1u); ++word) words.push_back(addresses[l] / 4 + word);
    if ((l + 1) % at_once == 0) add_passes(words, passes);
  }
  return passes;
}

Passes passes_of_matrices(const std::array<std::uint32_t, warp_lanes>& addresses, unsigned matrices) {
  Passes passes;
  std::vector<std::uint32_t> words;
  for (unsigned l = 0; l < 8 * matrices; ++l) {
    for (unsigned word = 0; word < 4; ++word) words.push_back(addresses[l] / 4 + word);
    if ((l + 1) % 8 == 0) add_passes(words, passes);
  }
  return passes;
}

void add_sectors(const std::array<std::uint64_t, warp_lanes>& addresses, const std::array<unsigned, warp_lanes>& bytes,
                 std::uint32_t lanes, std::vector<std::uint64_t>& sectors) {
  const auto first = static_cast<std::ptrdiff_t>(sectors.size());
  for (unsigned l = 0; l < warp_lanes; ++l)
    if ((lanes >> l & 1) != 0 && bytes[l] > 0)
      for (std::uint64_t sector = addresses[l] / 32; sector <= (addresses[l] + bytes[l] - 1) / 32; ++sector)
        if (static_cast<std::ptrdiff_t>(sectors.size()) == first || sectors.back() != sector) sectors.push_back(sector);
  std::sort(sectors.begin() + first, sectors.end());
  sectors.erase(std::unique(sectors.begin() + first, sectors.end()), sectors.end());
}

}  // namespace kernelgate::predict
