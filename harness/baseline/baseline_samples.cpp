#include "harness/baseline/baseline_samples.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <zlib.h>

namespace kernelgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int gzip_format = 15 + 16;  // the largest window, with gzip's head

using Key = std::tuple<std::string, std::string, std::string, double>;

Key sampled_key_of(const SampledRun& run) { return {run.name, run.night, run.boot, run.median_s}; }

std::string numbers(std::span<const double> values, int digits) {
  std::string text = "[";
  for (double value : values) text += fmt::format("{}{:.{}g}", text.size() > 1 ? "," : "", value, digits);
  return text + "]";
}

std::string line_of(const SampledRun& run) {
  const auto quoted = [](const std::string& text) { return json(text).dump(); };
  std::string line = fmt::format(R"({{"case":{},"night":{},"boot":{},"median_s":{},"samples_s":{})", quoted(run.name),
                                 quoted(run.night), quoted(run.boot), run.median_s, numbers(run.samples_s, 7));
  if (!run.sm_clock_hz.empty()) line += fmt::format(",\"sm_clock_hz\":{}", numbers(run.sm_clock_hz, 7));
  return line + "}\n";
}

std::string compressed(const std::string& text) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_format, 9, Z_DEFAULT_STRATEGY) != Z_OK)
    throw ResultError("the samples can't be compressed: no memory");
  std::string bytes(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  const int status = deflate(&stream, Z_FINISH);
  bytes.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw ResultError("the samples can't be compressed");
  return bytes;
}

std::string decompressed(std::string_view bytes) {
  z_stream stream{};
  if (inflateInit2(&stream, gzip_format) != Z_OK) throw ResultError("the samples can't be read: no memory");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string text;
  std::vector<char> part(1 << 16);
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(part.data());
    stream.avail_out = static_cast<uInt>(part.size());
    status = inflate(&stream, Z_NO_FLUSH);
    text.append(part.data(), part.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END) throw ResultError("it is cut short or not compressed");
  return text;
}

std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

}  // namespace

std::vector<SampledRun> sampled_runs(const Result& result, const std::string& op) {
  std::vector<SampledRun> runs;
  const Side side = side_of(result);
  for (std::size_t i = 0; i < side.cases.size(); ++i) {
    const SideCase& one = side.cases[i];
    if (one.op != op) continue;
    // One summary a run, in their order; none where the case was not measured.
    for (std::size_t k = 0; k < one.runs.size(); ++k)
      runs.push_back({one.name, one.runs[k].night, one.runs[k].boot, one.runs[k].median_s,
                      result.cases[i].runs[k].samples_s, result.cases[i].runs[k].sm_clock_hz});
  }
  return runs;
}

std::vector<SampledRun> only_held(std::vector<SampledRun> runs, const Baseline& baseline) {
  std::set<Key> held;
  for (const BaselineCase& one : baseline.cases)
    for (const auto* kept : {&one.measured.runs, &one.anchor})
      for (const RunSummary& run : *kept) held.insert({one.measured.name, run.night, run.boot, run.median_s});
  std::ranges::stable_sort(runs, {}, sampled_key_of);
  // Not std::ranges::unique: clang 14 can't read the subrange that GCC 12's library makes of it.
  const auto same = [](const SampledRun& a, const SampledRun& b) { return sampled_key_of(a) == sampled_key_of(b); };
  runs.erase(std::unique(runs.begin(), runs.end(), same), runs.end());
  std::erase_if(runs, [&](const SampledRun& run) { return !held.contains(sampled_key_of(run)); });
  return runs;
}

std::string samples_file_name(const std::string& stem) { return stem + ".samples.gz"; }

bool is_samples_file_of(const std::string& op, const std::string& file) {
  return file == samples_file_name(op) ||
         (file.starts_with(op + ".") && file.ends_with(samples_file_name("")) && file.find('/') == std::string::npos);
}

std::string pack_samples(std::span<const SampledRun> runs) {
  std::string text;
  for (const SampledRun& run : runs) text += line_of(run);
  return compressed(text);
}

std::vector<SampledRun> unpack_samples(std::string_view bytes) {
  const std::string text = decompressed(bytes);
  std::vector<SampledRun> runs;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    try {
      const json line =
          json::parse(text.begin() + static_cast<std::ptrdiff_t>(at), text.begin() + static_cast<std::ptrdiff_t>(end));
      SampledRun run{line.at("case"), line.at("night"), line.at("boot"), line.at("median_s"), line.at("samples_s"), {}};
      if (line.contains("sm_clock_hz")) line.at("sm_clock_hz").get_to(run.sm_clock_hz);
      runs.push_back(std::move(run));
    } catch (const json::exception& error) {
      throw ResultError(fmt::format("its line {} is no run: {}", runs.size() + 1, error.what()));
    }
    at = end + 1;
  }
  return runs;
}

SampleFile describe_samples(const std::string& stem, std::string_view bytes, std::size_t runs) {
  return {samples_file_name(stem), bytes.size(), checksum(bytes), runs};
}

ReadSamples read_samples(const fs::path& path, const Baseline& baseline) {
  ReadSamples found;
  if (!baseline.samples) {
    found.trouble = fmt::format("'{}' names no raw samples", path.string());
    return found;
  }
  const fs::path file = path.parent_path() / baseline.samples->file;
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    found.trouble = fmt::format("the raw samples '{}' are missing; comparisons don't need them", file.string());
    return found;
  }
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (bytes.size() != baseline.samples->bytes || checksum(bytes) != baseline.samples->crc32) {
    found.trouble = fmt::format(
        "the raw samples '{}' are not those that the baseline names (checksum); comparisons "
        "don't need them",
        file.string());
    return found;
  }
  try {
    found.runs = unpack_samples(bytes);
  } catch (const ResultError& error) {
    found.trouble =
        fmt::format("the raw samples '{}' can't be read: {}; comparisons don't need them", file.string(), error.what());
  }
  return found;
}

}  // namespace kernelgate
