#include "harness/predict/follow/banks.h"

#include <algorithm>

namespace kernelgate::predict {
namespace {

/// The words of 4 bytes that are asked for at once, 32 at most. Lanes that ask for the same word share it.
class Words {
 public:
  void add(std::uint32_t word) {
    const std::uint32_t bank = word % banks;
    for (std::uint32_t i = 0; i < in_bank_[bank]; ++i)
      if (words_[bank][i] == word) return;
    words_[bank][in_bank_[bank]++] = word;
    ++count_;
  }
  void end_pass(Passes& passes) {
    if (count_ == 0) return;
    const std::uint32_t needed = (count_ + banks - 1) / banks;
    passes.needed += needed;
    passes.conflicts += *std::ranges::max_element(in_bank_) - needed;
    in_bank_.fill(0);
    count_ = 0;
  }

 private:
  static constexpr std::uint32_t banks = 32;
  std::array<std::array<std::uint32_t, 32>, banks> words_;  // the first in_bank_ of each
  std::array<std::uint32_t, banks> in_bank_{};
  std::uint32_t count_ = 0;
};

}  // namespace

Passes passes_of(const std::array<std::uint32_t, warp_lanes>& addresses, std::uint32_t lanes, unsigned width) {
  Passes passes;
  const unsigned at_once = width <= 4 ? 32 : width == 8 ? 16 : 8;
  Words words;
  for (unsigned l = 0; l < warp_lanes; ++l) {
    if ((lanes >> l & 1) != 0)
      for (unsigned word = 0; word < std::max(width / 4, 1u); ++word) words.add(addresses[l] / 4 + word);
    if ((l + 1) % at_once == 0) words.end_pass(passes);
  }
  return passes;
}

Passes passes_of_matrices(const std::array<std::uint32_t, warp_lanes>& addresses, unsigned matrices) {
  Passes passes;
  Words words;
  for (unsigned l = 0; l < 8 * matrices; ++l) {
    for (unsigned word = 0; word < 4; ++word) words.add(addresses[l] / 4 + word);
    if ((l + 1) % 8 == 0) words.end_pass(passes);
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
