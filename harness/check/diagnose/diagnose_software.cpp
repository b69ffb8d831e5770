// Do the CUDA libraries and frameworks that are installed here go with this GPU and driver?
#include <fmt/core.h>

#include <algorithm>

#include "harness/check/diagnose/diagnose.h"
#include "harness/check/knowledge/framework_verdict.h"
#include "harness/check/machine/evidence.h"

namespace kernelgate {
namespace {

using Found = std::optional<Match>;

std::optional<Version> version_of(const Environment& environment, const std::string& library) {
  const auto found = environment.libraries.find(library);
  if (found == environment.libraries.end()) return std::nullopt;
  return Version::parse(found->second.version.value.value_or(""));
}

bool within(const Version& version, const std::string& first, const std::string& before) {
  const std::optional<Version> least = Version::parse(first), end = Version::parse(before);
  return least && version >= *least && (!end || version < *end);
}

std::string shown(const Environment& environment, const std::string& library) {
  const SharedLibrary& found = environment.libraries.at(library);
  return fmt::format("{} {} ({})", library, *found.version.value, found.path);
}

bool harms_here(const BadLibrary& bad, const Environment& environment) {
  const std::vector<const Gpu*> gpus = relevant_gpus(environment);
  if (static_cast<int>(gpus.size()) < bad.least_gpus) return false;
  if (bad.first_cc == 0) return true;
  return std::ranges::any_of(gpus, [&](const Gpu* gpu) {
    const std::optional<std::int64_t>& cc = gpu->compute_capability.value;
    return cc && *cc >= bad.first_cc && *cc <= bad.last_cc;
  });
}

Found bad_libraries(const Environment& environment, const CheckOptions& options) {
  Match match{"A library here is known to give wrong results on this machine", {}};
  for (const BadLibrary& bad : options.compat->bad_libraries()) {
    const std::optional<Version> version = version_of(environment, bad.library);
    if (!version || !within(*version, bad.first, bad.before) || !harms_here(bad, environment)) continue;
    std::string evidence = shown(environment, bad.library);
    if (bad.with) {
      const std::optional<Version> other = version_of(environment, bad.with->library);
      if (!other || !within(*other, bad.with->first, bad.with->before)) continue;
      evidence += " with " + shown(environment, bad.with->library);
    }
    match.evidence.push_back(fmt::format("{}: {} [{}; {}]", evidence, bad.effect, bad.id, bad.origin.where));
    if (std::ranges::find(match.remedies, bad.remedy) == match.remedies.end()) match.remedies.push_back(bad.remedy);
  }
  if (match.evidence.empty()) return std::nullopt;
  return match;
}

// The rows of a library's support matrix that hold its version; several, since each is for one range of CUDA.
std::vector<const LibrarySupport*> rows_for(const CompatDb& compat, const std::string& library,
                                            const Version& version) {
  std::vector<const LibrarySupport*> rows;
  for (const LibrarySupport& row : compat.libraries()) {
    const std::optional<Version> first = Version::parse(row.first), last = Version::parse(row.last);
    // Patch versions of one minor are alike, and the table names minors.
    const bool ended = last && version > *last && !version.same_minor(*last);
    if (row.library == library && first && version >= *first && !ended) {
      rows.push_back(&row);
    }
  }
  return rows;
}

std::string support_problem(const LibrarySupport& row, const Environment& environment, std::int64_t cc) {
  const std::string& least = environment.host.wsl ? row.least_windows : row.least_linux;
  const std::optional<Version> driver = Version::parse(environment.driver.value.value_or(""));
  const std::optional<Version> floor = Version::parse(least);
  if (cc < row.first_cc || cc > row.last_cc) {
    return fmt::format("is for compute capabilities {} to {}, here is {}", compute_capability_text(row.first_cc),
                       compute_capability_text(row.last_cc), compute_capability_text(cc));
  }
  if (driver && floor && *driver < *floor) return fmt::format("needs driver {} or later", least);
  return "";
}

// The newest versions that still are for this GPU, where later ones dropped it.
std::string last_that_supports(const CompatDb& compat, const std::string& library, std::int64_t cc) {
  std::string last;
  for (const LibrarySupport& row : compat.libraries()) {
    const bool serves = row.library == library && cc >= row.first_cc && cc <= row.last_cc;
    if (!serves) continue;
    if (row.last.empty()) return "";  // nothing was dropped
    const std::optional<Version> before = Version::parse(last), here = Version::parse(row.last);
    if (here && (!before || *here > *before)) last = row.last;
  }
  return last;
}

// Which CUDA the library was built for is not known; so only what holds for every row counts.
Found unsupported_libraries(const Environment& environment, const CheckOptions& options) {
  Match match{"A library here does not support this GPU or driver", {}};
  for (const auto& [name, library] : environment.libraries) {
    const std::optional<Version> version = version_of(environment, name);
    if (!version) continue;
    for (const Gpu* gpu : relevant_gpus(environment)) {
      if (!gpu->compute_capability.value) continue;
      std::string problem;  // of the least demanding row
      for (const LibrarySupport* row : rows_for(*options.compat, name, *version)) {
        const std::string one = support_problem(*row, environment, *gpu->compute_capability.value);
        if (one.empty()) problem.clear();
        if (one.empty()) break;
        if (problem.empty()) problem = one;
      }
      if (problem.empty()) continue;
      match.evidence.push_back(fmt::format("{}: {} {}", gpu_label(*gpu), shown(environment, name), problem));
      const std::string last = last_that_supports(*options.compat, name, *gpu->compute_capability.value);
      if (!last.empty() && match.remedies.empty()) {
        match.remedies = {
            fmt::format("Install {0} {1}, the last for this GPU; as wheels: pip install "
                        "'nvidia-{0}-cu12=={1}.*'",
                        name, last)};
      }
    }
  }
  if (match.evidence.empty()) return std::nullopt;
  return match;
}

Found frameworks(const Environment& environment, const CheckOptions& options) {
  Match match{"A framework that is installed here will not run on this GPU as it is", {}};
  for (const FrameworkVerdict& verdict : judge_frameworks(environment, *options.compat)) {
    if (verdict.problem.empty()) continue;
    match.evidence.push_back(fmt::format("{} {} ({}): {}", verdict.framework.name, verdict.framework.version,
                                         verdict.framework.path, verdict.problem));
    for (const std::string& remedy : verdict.remedies) {
      if (std::ranges::find(match.remedies, remedy) == match.remedies.end()) match.remedies.push_back(remedy);
    }
  }
  if (match.evidence.empty()) return std::nullopt;
  return match;
}

const Diagnosis software_warning_table[] = {
    {"W-FRAMEWORK",
     Severity::warning,
     "A framework that was built without CUDA, for a CUDA that the driver can't run, or without machine code for this "
     "GPU falls back to the CPU, or dies at its first kernel (error 209). Its own is_available() need not tell.",
     {"Install the build for the CUDA that this driver supports", "Or upgrade the driver"},
     "the files of the installed packages; tables of toolkits and compute capabilities",
     frameworks},
    {"W-LIB-BAD",
     Severity::warning,
     "Versions of NVIDIA's libraries, alone or together, that are known to give wrong results on some GPUs.",
     {"Install the version that the evidence names"},
     "release notes of cuDNN and cuBLAS; the version checks of JAX",
     bad_libraries},
    {"W-LIB-PAIR",
     Severity::warning,
     "A library has kernels for some compute capabilities and needs a least driver; outside them it fails or falls "
     "back to slower code.",
     {"Install a version of the library that supports this GPU", "Or upgrade the driver"},
     "cuDNN support matrix",
     unsupported_libraries},
};

}  // namespace

std::span<const Diagnosis> software_warnings() { return software_warning_table; }

}  // namespace kernelgate
