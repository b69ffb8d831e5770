#pragma once
// The raw samples of a baseline's runs, beside it: <op>.samples.gz. One JSON object a line, so that zcat and jq read
// it. Comparisons need none of it: without the file all works, and it is said.

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/baseline/baseline.h"

namespace kernelgate {

/// One process run of one case. It belongs to the RunSummary of the same night, boot and median.
///
/// Units  seconds, hertz; seven significant digits are kept of the samples.
struct SampledRun {
  std::string name;  ///< of the case
  std::string night, boot;
  double median_s = 0;
  std::vector<double> samples_s;
  std::vector<double> sm_clock_hz;  ///< empty where not known
};

/// Of the measured cases of one op.
std::vector<SampledRun> sampled_runs(const Result& result, const std::string& op);

/// Those that the baseline holds, as a case's runs or in its anchor.
std::vector<SampledRun> only_held(std::vector<SampledRun> runs, const Baseline& baseline);

/// Of a baseline whose file is called `stem`.json: its op, and what tells it from others of the folder.
std::string samples_file_name(const std::string& stem);

/// Whether a baseline of this op may name it: a document from elsewhere may name any file.
bool is_samples_file_of(const std::string& op, const std::string& file);

/// The compressed file's bytes; the same runs give the same bytes.
std::string pack_samples(std::span<const SampledRun> runs);
/// Errors  ResultError, one line: not compressed, cut short, not our lines.
std::vector<SampledRun> unpack_samples(std::string_view bytes);

/// What identifies the bytes.
SampleFile describe_samples(const std::string& stem, std::string_view bytes, std::size_t runs);

struct ReadSamples {
  std::vector<SampledRun> runs;
  std::string trouble;  ///< one line: missing, or not what the baseline names; empty: all is well
};

/// Those of the baseline at `path`. Never throws for what is on disk.
ReadSamples read_samples(const std::filesystem::path& path, const Baseline& baseline);

}  // namespace kernelgate
