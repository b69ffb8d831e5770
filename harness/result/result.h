#pragma once
// The result document in memory: what a run found. docs/result.schema.json is its form on disk.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/result/region_telemetry.h"

namespace kernelgate {

inline constexpr int result_schema_version = 1;

/// What the check of a case's output found, before and after it was timed.
struct VerificationRecord {
  bool right = false;
  std::int64_t checked = 0;
  std::int64_t outputs = 0;
  double max_error = 0;
  double max_error_ratio = 0;                  ///< of the bound; right means at most 1
  std::string text;                            ///< one line for a person
  std::optional<bool> repeats = std::nullopt;  ///< three launches left the same bits; empty: not looked at
};

/// One case in one process run.
///
/// Units  seconds of one launch (a batched region's time is divided by its launches); hertz.
struct CaseRun {
  int run = 0;                                    ///< which process run of this document, from 0
  std::vector<double> samples_s;                  ///< every valid sample, in the order taken
  std::vector<double> sm_clock_hz;                ///< beside each sample; empty where it is not known
  std::vector<double> processor_s;                ///< of this process's threads, beside each; empty: not known
  std::int64_t preempted = 0;                     ///< samples during which somebody else had a core that it wanted
  std::vector<double> checked_s;                  ///< samples whose output was looked at, taken between the others
  std::vector<double> control_s;                  ///< a fixed work timed between the samples; empty: none
  std::map<std::string, std::int64_t> discarded;  ///< reason -> how many samples were not used
  std::int64_t launches_per_sample = 1;           ///< over 1: the region was too short for the timer, and batched
  std::string started_utc;                        ///< of the process run, ISO 8601; empty: not recorded
  std::string boot_id;                            ///< of the system's start that it ran in; empty: not recorded
  std::uint64_t layout_seed = 0;                  ///< drew the order of cases and the tensors' offsets; 0: none did
  std::uint64_t input_seed = 0;                   ///< drew the inputs, and what was checked when; 0: not recorded
  /// Of the GPU, one a timed region: one a run, unless repetitions widened it. Empty: no GPU was measured.
  std::vector<RegionTelemetry> telemetry;
};

/// Errors  ResultError: a clock for some samples only, or a control that is no time; no reader takes such a run.
void require_possible(const CaseRun& run);

/// A control kernel in one process run: frozen code, timed before the first case and after the last. When it moves, the
/// machine did.
///
/// Units  seconds of one launch.
struct ControlRun {
  std::string name;  ///< "alu", "tensor_core", "dram_copy", "launch"
  int run = 0;       ///< which process run of this document
  std::vector<double> first_s, last_s;
  double flop = 0, bytes = 0;  ///< of one launch, bytes read and written; 0: no such work, or not recorded
};

enum class CaseStatus { measured, skipped, wrong, invalid, error };

/// One case: op x problem x implementation x device, in one cache state.
struct CaseResult {
  std::string name;  ///< "matmul/f16_nt/256x256x256/onednn/hot"
  std::string op;
  std::string problem;
  std::string label;  ///< where the problem comes from; may be empty
  std::string implementation;
  std::string origin;  ///< "ours" | "peer"
  std::string state;   ///< "hot" | "cold"
  CaseStatus status = CaseStatus::measured;
  std::string reason;  ///< why it is not `measured`
  double flop = 0;     ///< of one launch; what the algorithm needs
  double bytes = 0;
  bool injected = false;  ///< KERNELGATE_INJECT touched it
  std::string code_hash;  ///< of the machine code that ran; empty: not known. Equal on two sides: a known A against A
  std::string kernel;     ///< the implementation that computed, where this one chose it; empty: it did by itself
  std::string chosen_by;  ///< the row of the table by which it was chosen
  std::optional<VerificationRecord> verification;
  std::vector<CaseRun> runs;
};

const char* to_string(CaseStatus status);  // "measured", ...

/// A whole run.
struct Result {
  std::string status = "complete";  ///< "complete" | "interrupted"
  std::string started_utc;          ///< ISO 8601
  double wall_s = 0;
  std::string device_kind;  ///< "cuda" | "cpu"
  std::string device;       ///< key of the device, as a folder's name: "nvidia_h200", "cpu_amd_epyc"
  std::string suite;
  std::vector<std::string> command;
  std::string injection;       ///< the text of KERNELGATE_INJECT; empty: none
  nlohmann::json build;        ///< version, commit, dirty, compiler, nvcc, architectures
  nlohmann::json fingerprint;  ///< what identifies the environment
  nlohmann::json findings;     ///< what the check said
  nlohmann::json context;      ///< Google Benchmark's; null: written by to_json() from this host
  std::vector<CaseResult> cases;
  std::vector<ControlRun> controls;
};

/// Reads a result document. Errors  ResultError, one line that names the file, what is wrong with it
/// and the remedy: unreadable, empty, truncated or no JSON (with the position), another schema.
Result read_result(const std::filesystem::path& path);

/// The document as it is written.
std::string result_text(const Result& result);

/// Writes atomically: beside the target, flushed to disk, then renamed over it; on any failure (a full
/// disk, an unwritable folder) the old file is untouched and the partial one is gone.
/// Errors  ResultError.
void write_result(const Result& result, const std::filesystem::path& path);

/// The document: Google Benchmark's `context` and `benchmarks`, and our `kernelgate`. Strict JSON.
nlohmann::json to_json(const Result& result);
Result result_from_json(const nlohmann::json& document, const std::string& where);

/// Joins the process runs of one suite: same cases, runs renumbered 0..N-1 in the order given. A case
/// that is wrong or in error in any run is so in the whole. Cases may be missing only from a part that was
/// interrupted.
/// Errors  ResultError: no parts, or parts of another device, environment, build or injection.
Result merge_runs(std::vector<Result> parts);

}  // namespace kernelgate
