#include "harness/sides/nvbench_samples.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fmt/format.h>

namespace kernelgate {
namespace {

namespace fs = std::filesystem;

/// Only what is a regular file: a document from elsewhere may name a device that never ends.
fs::path resolve(const fs::path& document, const std::string& filename) {
  std::string forward = filename;
  std::ranges::replace(forward, '\\', '/');  // written on Windows
  const fs::path named(forward), folder = document.parent_path();
  std::error_code ignored;
  // Old versions wrote the document's path and "-bin" before the name; the last two parts lie beside it.
  for (const fs::path& candidate :
       {folder / filename, folder / named, folder / named.parent_path().filename() / named.filename()})
    if (fs::is_regular_file(candidate, ignored)) return candidate;
  throw std::invalid_argument(fmt::format(
      "its samples '{}' are not beside the document; copy the folder that --jsonbin wrote along with it", filename));
}

float little_endian(const char* bytes) {
  std::uint32_t word = 0;
  for (int i = 3; i >= 0; --i) word = word << 8 | static_cast<unsigned char>(bytes[i]);
  return std::bit_cast<float>(word);
}

}  // namespace

std::vector<double> nvbench_samples(const fs::path& document, const std::string& filename, double size) {
  const fs::path file = resolve(document, filename);
  std::error_code failed;
  const auto bytes = fs::file_size(file, failed);
  if (failed || !(size >= 1) || static_cast<double>(bytes) != 4 * size)
    throw std::invalid_argument(
        fmt::format("'{}' has {} bytes, and {} samples need {}", filename, bytes, size, 4 * size));
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (text.size() != bytes) throw std::invalid_argument(fmt::format("'{}' can't be read to its end", filename));
  std::vector<double> samples_s;
  samples_s.reserve(text.size() / 4);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    samples_s.push_back(little_endian(text.data() + at));
    if (!(std::isfinite(samples_s.back()) && samples_s.back() > 0))
      throw std::invalid_argument(
          fmt::format("sample {} in '{}' is {} s, which is no time", at / 4, filename, samples_s.back()));
  }
  return samples_s;
}

}  // namespace kernelgate
