#include "kernels/simt/host/memory_request.h"

#include <algorithm>

namespace kernelgate::simt::executor {
namespace {

constexpr unsigned banks = 32;
constexpr std::uintptr_t sector_bytes = 32;

}  // namespace

unsigned sectors(const MemoryRequest& request) {
  // An access is aligned to its size, and so within one sector.
  std::array<std::uintptr_t, 32> touched;
  unsigned count = 0;
  bool sorted = true;
  for (unsigned lane = 0; lane < 32; ++lane) {
    if (request.bytes[lane] == 0) continue;
    const std::uintptr_t sector = request.address[lane] / sector_bytes;
    if (count > 0 && sector == touched[count - 1]) continue;
    sorted = sorted && (count == 0 || touched[count - 1] < sector);
    touched[count++] = sector;
  }
  if (sorted) return count;
  const auto end = touched.begin() + count;
  std::sort(touched.begin(), end);
  return static_cast<unsigned>(std::unique(touched.begin(), end) - touched.begin());
}

Wavefronts wavefronts(std::span<std::uintptr_t> words) {
  if (words.empty()) return {};
  std::ranges::sort(words);
  std::array<unsigned, banks> in_bank{};
  unsigned most = 0;
  for (std::size_t i = 0; i < words.size(); ++i)
    if (i == 0 || words[i] != words[i - 1]) most = std::max(most, ++in_bank[words[i] % banks]);
  return {1, most - 1};
}

Wavefronts wavefronts(const MemoryRequest& request, unsigned width) {
  const unsigned words_each = std::max(width / 4, 1u), lanes_at_once = 32 / words_each;
  Wavefronts sum;
  for (unsigned first = 0; first < 32; first += lanes_at_once) {
    std::array<std::uintptr_t, 32> words;
    unsigned count = 0;
    for (unsigned lane = first; lane < first + lanes_at_once; ++lane)
      if (request.bytes[lane] > 0)
        for (unsigned i = 0; i < words_each; ++i) words[count++] = request.address[lane] / 4 + i;
    const Wavefronts part = wavefronts(std::span(words.data(), count));
    sum.needed += part.needed;
    sum.conflicts += part.conflicts;
  }
  return sum;
}

}  // namespace kernelgate::simt::executor
