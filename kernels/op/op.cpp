#include "kernels/op/op.h"

#include <algorithm>
#include <numeric>

#include "kernels/op/random.h"
#include "kernels/simt/host/fault.h"

namespace kernelgate {

void refuse_twins(std::string_view op, std::vector<RegisteredName> implementations) {
  std::ranges::sort(implementations, {}, [](const RegisteredName& i) { return std::tuple(i.device, i.name, i.file); });
  const auto twin = std::ranges::adjacent_find(implementations, {},
                                               [](const RegisteredName& i) { return std::tuple(i.device, i.name); });
  if (twin == implementations.end()) return;
  const auto shown = [](std::string_view file) {
    return std::string(file.starts_with('/') ? simt::executor::short_path(file) : file);
  };
  throw Error(std::string(op) + ": two implementations for " + std::string(to_string(twin->device)) + " are named " +
              std::string(twin->name) + ", in " + shown(twin->file) + " and in " + shown(std::next(twin)->file) +
              "; rename one");
}

std::vector<std::int64_t> sample_indices(std::int64_t total, std::int64_t row, std::int64_t count, std::uint64_t seed) {
  std::vector<std::int64_t> picked;
  if (total <= count) {
    picked.resize(static_cast<std::size_t>(std::max<std::int64_t>(total, 0)));
    std::iota(picked.begin(), picked.end(), std::int64_t{0});
    return picked;
  }
  const std::int64_t rows = row > 0 ? (total + row - 1) / row : 1;
  // Errors of a tiled kernel sit at tile edges: take the crossings of edge rows with edge columns.
  const auto edges = [](std::int64_t size) {
    std::vector<std::int64_t> at{0, 1, 7, 8, size - 1, size - 2};
    for (std::int64_t tile : {16, 32, 64, 128, 256})
      for (std::int64_t multiple : {std::int64_t{1}, size / tile})
        for (std::int64_t side : {-1, 0}) at.push_back(multiple * tile + side);
    std::erase_if(at, [size](std::int64_t i) { return i < 0 || i >= size; });
    return at;
  };
  for (std::int64_t r : edges(rows))
    for (std::int64_t c : edges(std::max<std::int64_t>(row, 1)))
      if (r * row + c < total) picked.push_back(r * row + c);
  Random random(seed);
  while (static_cast<std::int64_t>(picked.size()) < count)
    picked.push_back(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(total))));
  std::ranges::sort(picked);
  picked.erase(std::unique(picked.begin(), picked.end()), picked.end());
  return picked;
}

}  // namespace kernelgate
