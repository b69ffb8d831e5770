#include "bench/audio/recording.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>

#include "bench/audio/audio_libraries.h"
#include "bench/audio/wav_length.h"
#include "harness/base/error.h"
#include "harness/base/stable_hash.h"
#include "kernels/op/error.h"

namespace kernelgate {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& what) {
  throw HarnessError(ExitCode::usage, fmt::format("{}: {}", path.string(), what));
}

/// What libsndfile would only call a "system error".
void check_file(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) refuse(path, "no such file; give the path of a WAV or FLAC file");
  if (std::filesystem::is_directory(status)) refuse(path, "is a folder; name the files in it");
  if (!std::filesystem::is_regular_file(status)) refuse(path, "is not a regular file; save the audio to a file first");
  if (!std::ifstream(path))
    refuse(path, fmt::format("cannot be read: {}; check its permissions", std::strerror(errno)));
  if (std::filesystem::file_size(path, error) == 0) refuse(path, "is empty; give a WAV or FLAC file with audio in it");
}

#if KERNELGATE_HAS_AUDIO
/// A file that has no name but one of this process.
class UnnamedFile {
 public:
  explicit UnnamedFile(const std::string& bytes) : descriptor_(memfd_create("recording", MFD_CLOEXEC)) {
    for (std::size_t at = 0; at < bytes.size();) {
      const ssize_t written = ::write(descriptor_, bytes.data() + at, bytes.size() - at);
      if (written <= 0) break;  // what lacks is found missing when it is read
      at += static_cast<std::size_t>(written);
    }
  }
  ~UnnamedFile() { ::close(descriptor_); }
  UnnamedFile(const UnnamedFile&) = delete;
  UnnamedFile& operator=(const UnnamedFile&) = delete;
  std::string path() const { return fmt::format("/proc/self/fd/{}", descriptor_); }

 private:
  int descriptor_;
};

std::vector<float> read_mono(const std::filesystem::path& path, const WavLength& length, SF_INFO& info) {
  const SndfileLibrary& sndfile = SndfileLibrary::get();
  std::optional<UnnamedFile> mended;
  if (!length.mended.empty()) mended.emplace(length.mended);
  const std::string readable = mended ? mended->path() : path.string();
  const std::unique_ptr<SNDFILE, decltype(&sf_close)> file(sndfile.open(readable.c_str(), SFM_READ, &info),
                                                           sndfile.close);
  if (!file) {
    std::string why = sndfile.strerror(nullptr);
    while (!why.empty() && (why.back() == '\n' || why.back() == '.')) why.pop_back();
    refuse(path, fmt::format("is not audio that libsndfile reads ({}); give a WAV or FLAC file", why));
  }
  const int channels = info.channels;
  std::vector<float> mono, block(static_cast<std::size_t>(channels) * 4096);
  for (sf_count_t got; (got = sndfile.readf_float(file.get(), block.data(), 4096)) > 0;)
    for (sf_count_t i = 0; i < got; ++i) {
      float sum = 0;
      for (int c = 0; c < channels; ++c) sum += block[static_cast<std::size_t>(i * channels + c)];
      mono.push_back(sum / static_cast<float>(channels));
    }
  if (sndfile.error(file.get()) != SF_ERR_NO_ERROR || std::ssize(mono) < info.frames)
    refuse(path, fmt::format("is cut short or damaged: {} of {} frames can be read; give a whole file", mono.size(),
                             info.frames));
  return mono;
}

std::vector<float> resample(const std::filesystem::path& path, std::vector<float> samples, int rate_hz, int wanted_hz) {
  if (rate_hz == wanted_hz) return samples;
  const SamplerateLibrary& samplerate = SamplerateLibrary::get();
  const double ratio = static_cast<double>(wanted_hz) / rate_hz;
  if (!samplerate.is_valid_ratio(ratio))
    refuse(path, fmt::format("has a sample rate of {} Hz, from which nothing is resampled; convert it to {} Hz",
                             rate_hz, wanted_hz));
  std::vector<float> out(static_cast<std::size_t>(std::ceil(static_cast<double>(samples.size()) * ratio)) + 16);
  SRC_DATA data{};
  data.data_in = samples.data();
  data.input_frames = std::ssize(samples);
  data.data_out = out.data();
  data.output_frames = std::ssize(out);
  data.src_ratio = ratio;
  if (const int error = samplerate.simple(&data, SRC_SINC_MEDIUM_QUALITY, 1); error != 0)
    refuse(path, fmt::format("cannot be resampled from {} Hz: {}; convert it to {} Hz", rate_hz,
                             samplerate.strerror(error), wanted_hz));
  out.resize(static_cast<std::size_t>(data.output_frames_gen));
  return out;
}
#endif

}  // namespace

Recording read_recording(const std::filesystem::path& path, [[maybe_unused]] int rate_hz) {
  check_file(path);
#if KERNELGATE_HAS_AUDIO
  try {
    SF_INFO info{};
    Recording recording;
    recording.name = path.filename().string();
    WavLength length = wav_length(path);
    std::vector<float> mono = read_mono(path, length, info);
    recording.note = std::move(length.note);
    if (mono.empty()) refuse(path, "has no samples; give a recording that is longer than nothing");
    if (!std::ranges::all_of(mono, [](float v) { return std::isfinite(v); }))
      refuse(path, "has samples that are not numbers or infinite; export it as 16-bit audio");
    recording.content = StableHash()
                            .add(std::to_string(info.samplerate))
                            .add({reinterpret_cast<const char*>(mono.data()), mono.size() * sizeof(float)})
                            .text();
    recording.original_rate_hz = info.samplerate;
    recording.original_channels = info.channels;
    recording.rate_hz = rate_hz;
    recording.samples = resample(path, std::move(mono), info.samplerate, rate_hz);
    return recording;
  } catch (const Unsupported& missing) {
    refuse(path, fmt::format("{}; install it (Debian: libsndfile1, libsamplerate0)", missing.what()));
  }
#else
  refuse(path,
         "this program was built without libsndfile and libsamplerate; install libsndfile1-dev and "
         "libsamplerate0-dev, and build again");
#endif
}

}  // namespace kernelgate
