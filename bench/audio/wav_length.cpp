#include "bench/audio/wav_length.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string_view>

namespace kernelgate {
namespace {

constexpr std::size_t riff_head = 12, chunk_head = 8;
/// Who does not know the length writes none, or as much as there can be: ffmpeg 0xFFFFFFFF, sox and arecord about half.
constexpr std::uint32_t endless = 0x7FFF0000;

std::uint32_t number_at(std::string_view bytes, std::size_t at, int size) {
  std::uint32_t number = 0;
  for (int i = size - 1; i >= 0; --i)
    number = number << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  return number;
}

void put(std::string& bytes, std::size_t at, std::uint64_t number) {
  number = std::min<std::uint64_t>(number, 0xFFFFFFFF);
  for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(number >> (8 * i));
}

/// Whether the rest is other chunks to its end: then a chunk of no bytes before it is empty, and not streamed.
bool are_chunks(std::string_view bytes) {
  while (bytes.size() >= chunk_head) {
    const std::uint64_t whole = chunk_head + std::uint64_t{number_at(bytes, 4, 4)};
    const std::uint64_t padded = whole + whole % 2;
    if (padded >= bytes.size()) return whole == bytes.size() || padded == bytes.size();
    bytes.remove_prefix(static_cast<std::size_t>(padded));
  }
  return bytes.empty();
}

}  // namespace

WavLength wav_length(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string bytes(riff_head, '\0');
  if (!in.read(bytes.data(), riff_head) || !bytes.starts_with("RIFF") || bytes.substr(8) != "WAVE") return {};
  bytes.append(std::istreambuf_iterator<char>(in), {});
  std::uint32_t frame = 1;  // bytes of all channels
  for (std::size_t at = riff_head; at + chunk_head <= bytes.size();) {
    const std::string_view id = std::string_view(bytes).substr(at, 4);
    const std::uint32_t said = number_at(bytes, at + 4, 4);
    const std::size_t begin = at + chunk_head, there = bytes.size() - begin;
    if (id == "fmt " && there >= 14) frame = std::max(1U, number_at(bytes, begin + 12, 2));
    if (id == "data") {
      const bool streamed =
          said >= endless || (said == 0 && there > 0 && !are_chunks(std::string_view(bytes).substr(begin)));
      if (!streamed && said <= there) return {};
      const std::size_t whole = there - there % frame;
      if (whole == 0) return {};
      WavLength length;
      length.note = streamed ? "its header gives no length, as of a stream: read to the end of the file"
                             : fmt::format("cut short: {} of {} samples are there", whole / frame, said / frame);
      put(bytes, at + 4, whole);
      bytes.resize(begin + whole);
      put(bytes, 4, bytes.size() - 8);
      length.mended = std::move(bytes);
      return length;
    }
    at = begin + std::size_t{said} + said % 2;
  }
  return {};
}

}  // namespace kernelgate
