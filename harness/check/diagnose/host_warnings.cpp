// What the host does to timings, on the CPU as well as on a GPU.
#include <fmt/core.h>

#include <array>
#include <chrono>
#include <cstdio>

#include "harness/check/diagnose/diagnose.h"

namespace kernelgate {
namespace {

using Found = std::optional<Match>;

// CPU libraries use all cores; more than a quarter of them busy shows in the medians. Our own judgement.
constexpr double busy_share = 0.25;
constexpr int table_age_limit_days = 180;

// Source: DCGM's list, and CUDA's and oneDNN's documentation. What is listed here changes results or timings.
constexpr std::array<const char*, 20> bad_variables = {"CUDA_LAUNCH_BLOCKING",
                                                       "CUDA_DISABLE_PTX_JIT",
                                                       "CUDA_FORCE_PTX_JIT",
                                                       "CUDA_CACHE_DISABLE",
                                                       "NVIDIA_TF32_OVERRIDE",
                                                       "CUBLAS_WORKSPACE_CONFIG",
                                                       "CUDA_INJECTION32_PATH",
                                                       "CUDA_INJECTION64_PATH",
                                                       "NSIGHT_CUDA_DEBUGGER",
                                                       "CUDA_AUTO_BOOST",
                                                       "CUDA_COREDUMP_FILE",
                                                       "CUDA_ENABLE_COREDUMP_ON_EXCEPTION",
                                                       "CUDA_PROFILE",
                                                       "COMPUTE_PROFILE",
                                                       "CUDA_DEVICE_WAITS_ON_EXCEPTION",
                                                       "OPENCL_PROFILE",
                                                       "OMP_NUM_THREADS",
                                                       "CUDA_MPS_ACTIVE_THREAD_PERCENTAGE",
                                                       "ONEDNN_MAX_CPU_ISA",
                                                       "LD_PRELOAD"};

Found bad_environment(const Environment& environment, const CheckOptions&) {
  Match match{"Environment variables change what is measured", {}};
  for (const char* name : bad_variables) {
    const auto set = environment.variables.find(name);
    if (set == environment.variables.end() || set->second.empty()) continue;
    // "0" switches most of them off; for TF32 it is the override itself.
    if (set->second == "0" && std::string_view(name) != "NVIDIA_TF32_OVERRIDE") continue;
    match.evidence.push_back(fmt::format("{}={}", name, set->second));
    match.remedies.push_back(fmt::format("unset {}", name));
  }
  if (match.evidence.empty()) return std::nullopt;
  return match;
}

Found governor_saves_power(const Environment& environment, const CheckOptions&) {
  const std::optional<std::string>& governor = environment.host.governor.value;
  if (!governor || *governor == "performance") return std::nullopt;
  return Match{"The CPU's frequency follows the load", {"governor: " + *governor}};
}

Found busy_host(const Environment& environment, const CheckOptions&) {
  const std::optional<double>& load = environment.host.load_1min.value;
  const std::optional<std::int64_t>& cores = environment.host.usable_cores.value;
  if (!load || !cores || *load <= busy_share * static_cast<double>(*cores)) return std::nullopt;
  return Match{"The host is busy with other work",
               {fmt::format("load of the last minute: {:.2f}, cores: {}", *load, *cores)}};
}

std::optional<std::chrono::sys_days> day_of(const std::string& date) {
  int year = 0;
  unsigned month = 0, day = 0;
  if (std::sscanf(date.c_str(), "%4d-%2u-%2u", &year, &month, &day) != 3) return std::nullopt;
  const std::chrono::year_month_day parsed{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (!parsed.ok()) return std::nullopt;
  return std::chrono::sys_days(parsed);
}

Found old_tables(const Environment&, const CheckOptions& options) {
  const auto today = day_of(options.today), made = day_of(options.compat->as_of());
  if (!today || !made || (*today - *made).count() <= table_age_limit_days) return std::nullopt;
  return Match{"This program's tables of drivers and toolkits are old",
               {fmt::format("as of {}, {} days ago", options.compat->as_of(), (*today - *made).count())}};
}

const Diagnosis host_warning_table[] = {
    {"W-ENV",
     Severity::warning,
     "These variables switch on debugging, other algorithms or other limits. Timings and results would be theirs.",
     {"Unset them before measuring"},
     "NVIDIA DCGM, diagnostic of environment variables; CUDA programming guide",
     bad_environment},
    {"W-GOVERNOR",
     Severity::warning,
     "With a governor other than `performance` the CPU starts slow and speeds up; timings of the CPU spread.",
     {"@host sudo cpupower frequency-set -g performance"},
     "kernel documentation, cpufreq",
     governor_saves_power},
    {"W-LOAD",
     Severity::warning,
     "Other processes take the cores that CPU implementations are timed on, and delay launches on a GPU.",
     {"Stop them, or measure later; `top` shows who it is"},
     "/proc/loadavg; more than a quarter of the cores",
     busy_host},
    {"W-DB-OLD",
     Severity::warning,
     "New drivers and toolkits come every few months; what this program knows of them was last checked long ago.",
     {"Use a newer release of this program"},
     "the newest as_of of the tables",
     old_tables},
};

}  // namespace

std::span<const Diagnosis> host_warnings() { return host_warning_table; }

}  // namespace kernelgate
