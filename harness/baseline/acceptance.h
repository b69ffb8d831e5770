#pragma once
// What a result must be to come into a baseline, and the parts that accepting and extending share.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "harness/baseline/baseline.h"
#include "harness/baseline/baseline_samples.h"

namespace kernelgate {

/// Throws ResultError "not accepted: ...".
[[noreturn]] void refuse(const std::string& text, ExitCode code = ExitCode::usage);

/// True when the build can be built again: what a baseline's numbers need to be believed later.
bool reproducible(const Result& result);

/// "unknown" where the result doesn't say.
std::string commit_of(const Result& result);

/// Refuses an injected or interrupted result, one of no machine, a sanitizer build, and a dirty build unless allowed.
void require_acceptable(const Result& result, bool allow_dirty);

/// The measured cases. Skipped ones are left out: a peer that is not installed here is no fault. Refuses wrong and
/// invalid ones, and names that can't name a file.
std::vector<SideCase> acceptable_cases(const Result& result);

/// Refuses, with --anyway as the way round, what was measured while others used the machine, and what varies more than
/// a baseline should.
void require_quiet(const Result& result, const std::vector<SideCase>& cases);

/// Empty where the environments are the same; else the first difference, and how many more.
std::string environment_difference(const Baseline& stored, const Result& result);
std::string environment_difference(const Baseline& stored, const Side& side);

bool same_run(const RunSummary& a, const RunSummary& b);

/// Known nights, oldest first, each once.
std::vector<std::string> nights_of(const std::vector<RunSummary>& runs);

/// Gives it its id, and its parent's. The id follows from the content.
void name_content(Baseline& baseline, const std::string& parent);

/// Both files of a baseline, the baseline naming its samples. `fresh`: of the new runs; what `stored` held stays.
///
/// Shapes  (path, text) pairs for replace_files.
std::vector<std::pair<std::filesystem::path, std::string>> files_of(Baseline& baseline,
                                                                    const std::filesystem::path& path,
                                                                    std::vector<SampledRun> fresh,
                                                                    std::vector<SampledRun> stored);

}  // namespace kernelgate
