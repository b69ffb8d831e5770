// The keys that can be required of a machine. Those of a GPU are in requirement_gpu_keys.cpp.
#include "harness/check/require/requirement_keys.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>

#include "harness/check/knowledge/framework_verdict.h"
#include "harness/check/knowledge/version_verdict.h"
#include "harness/check/machine/frameworks.h"
#include "harness/check/require/requirement_gpu_keys.h"
#include "harness/check/require/requirement_values.h"

namespace kernelgate {
namespace {

using Ordering = std::partial_ordering;
using All = std::vector<KeyAnswer>;

All unknown(const std::string& reason) { return {{std::nullopt, "unknown: " + reason}}; }
Ordering equal_or_not(bool equal) { return equal ? Ordering::equivalent : Ordering::unordered; }

bool valid_version(const std::string& value) { return Version::parse(value).has_value(); }
bool valid_pair(const std::string& value) { return two_fields(value).has_value(); }
bool valid_count(const std::string& value) { return whole_number(value).has_value(); }
bool valid_bytes(const std::string& value) { return bytes_of(value).has_value(); }

KeyAnswer compare_versions(const std::string& actual, const std::string& required) {
  const std::optional<Version> is = Version::parse(actual), wanted = Version::parse(required);
  if (!is || !wanted) return {std::nullopt, actual + " is no version"};
  return {*is <=> *wanted, actual};
}

All compare_cuda(const Fact<std::int64_t>& cuda, const std::string& value) {
  if (!cuda.value) return unknown(cuda.reason);
  return {compare_versions(cuda_version_text(*cuda.value), value)};
}

All driver(const Environment& environment, const RequirementContext&, const std::string& value) {
  if (!environment.driver.value) return unknown(environment.driver.reason);
  return {compare_versions(*environment.driver.value, value)};
}

// The newest CUDA that the driver supports; what nvidia-smi prints as "CUDA Version".
All cuda(const Environment& environment, const RequirementContext&, const std::string& value) {
  return compare_cuda(environment.cuda_driver_api, value);
}

All runtime(const Environment& environment, const RequirementContext&, const std::string& value) {
  return compare_cuda(environment.cuda_runtime, value);
}

// Beside frameworks with CUDA, one for the CPU is there for other work; alone it is what will be used.
template <class T, class Of>
std::vector<T> that_count(std::vector<T> all, Of framework_of) {
  const auto with_cuda = [&](const T& one) { return !framework_of(one).without_cuda; };
  if (std::ranges::any_of(all, with_cuda)) std::erase_if(all, [&](const T& one) { return !with_cuda(one); });
  return all;
}

std::vector<FrameworkVerdict> verdicts_that_count(const Environment& environment, const CompatDb& compat) {
  return that_count(judge_frameworks(environment, compat), [](const FrameworkVerdict& v) { return v.framework; });
}

// What each installed framework was built for. Only the major is known of some; then they compare by it alone.
All framework_cuda(const Environment& environment, const RequirementContext&, const std::string& value) {
  All all;
  for (const Framework& framework : that_count(environment.frameworks, [](const Framework& f) { return f; })) {
    KeyAnswer one{std::nullopt, "built for " + cuda_text(framework), framework.name + " " + framework.version};
    // One for the CPU has no CUDA that could be new enough.
    if (framework.without_cuda) one.ordering = Ordering::unordered;
    const std::optional<Version> wanted = Version::parse(value);
    if (framework.cuda.value && framework.major_only) {
      const int major = static_cast<int>(*framework.cuda.value / 1000);
      if (major != wanted->branch()) one.ordering = major <=> wanted->branch();
    } else if (framework.cuda.value) {
      one.ordering = compare_versions(cuda_version_text(*framework.cuda.value), value).ordering;
    }
    all.push_back(one);
  }
  return all.empty() ? unknown("no framework was found in the Python environments here") : all;
}

All count(const Environment& environment, const RequirementContext&, const std::string& value) {
  const int visible = environment.visible_gpus();
  return {{visible <=> *whole_number(value), std::to_string(visible)}};
}

// How the CUDA of each installed framework goes with the driver. What this program was compiled with is no property of
// the machine.
All versions(const Environment& environment, const RequirementContext& context, const std::string& value) {
  const std::string wanted = to_string(value == "native" ? VersionState::native
                                       : value == "mvc"  ? VersionState::minor_version
                                                         : VersionState::forward_compat);
  All all;
  for (const FrameworkVerdict& verdict : verdicts_that_count(environment, context.compat)) {
    const std::string name = verdict.framework.name + " " + verdict.framework.version;
    KeyAnswer one{std::nullopt, verdict.text, name};
    if (verdict.text.starts_with(name + ", ")) one.actual.erase(0, name.size() + 2);
    if (verdict.framework.without_cuda) one.ordering = Ordering::unordered;
    if (verdict.state != VersionState::unknown) one.ordering = equal_or_not(wanted == to_string(verdict.state));
    all.push_back(one);
  }
  return all.empty() ? unknown("no framework was found in the Python environments here") : all;
}

// What PyTorch's is_available() would say, in each environment that has it; without PyTorch, what is like it in others.
All is_available(const Environment& environment, const RequirementContext& context, const std::string& value) {
  All all;
  std::vector<FrameworkVerdict> verdicts = judge_frameworks(environment, context.compat);
  const auto is_pytorch = [](const FrameworkVerdict& verdict) { return verdict.framework.name == "PyTorch"; };
  if (std::ranges::any_of(verdicts, is_pytorch)) std::erase_if(verdicts, std::not_fn(is_pytorch));
  for (const FrameworkVerdict& verdict : verdicts) {
    const Fact<bool>& fact = verdict.uses_gpu;
    KeyAnswer one{std::nullopt, fact.value ? (*fact.value ? "true" : "false") : "unknown: " + fact.reason,
                  verdict.framework.name + " " + verdict.framework.version};
    if (fact.value) one.ordering = equal_or_not(*fact.value == (value == "true"));
    if (fact.value == false) one.actual += verdict.framework.without_cuda ? ", " + verdict.framework.cuda.reason : "";
    all.push_back(one);
  }
  return all.empty() ? unknown("no framework was found in the Python environments here") : all;
}

bool is_kind(const std::string& value) {
  return value == "supported" || value == "production" || value == "long_term" || value == "new_feature";
}

// A number is the branch's own. A kind, or "supported", holds only while the branch still gets fixes.
All driver_branch(const Environment& environment, const RequirementContext& context, const std::string& value) {
  const std::optional<Version> version = Version::parse(environment.driver.value.value_or(""));
  if (!version) return unknown(environment.driver.reason);
  if (environment.host.wsl) return unknown("in WSL the driver has Windows' number, and Windows' branches differ");
  const std::string name = fmt::format("R{}", version->branch());
  if (!is_kind(value)) return {{equal_or_not(version->branch() == *whole_number(value)), name}};
  const DriverBranch* branch = context.compat.branch(version->branch());
  if (!branch) return unknown(fmt::format("{} is not in the tables of {}", name, context.compat.as_of()));
  const std::string& end = branch->end_of_life;
  const std::string actual = fmt::format("{}, {}, end of life {}", name, to_string(branch->kind),
                                         end.empty()      ? "not known"
                                         : end == "ended" ? "past"
                                                          : end);
  if (value != "supported" && branch->kind == BranchKind::unknown) return unknown(actual);
  if (value != "supported" && value != to_string(branch->kind)) return {{Ordering::unordered, actual}};
  if (end.empty()) return unknown(actual);
  if (end == "ended") return {{Ordering::unordered, actual}};
  if (context.today.empty()) return unknown(actual + ", today's date not known");
  return {{equal_or_not(context.today <= end), actual}};
}

All module(const Environment& environment, const RequirementContext&, const std::string& value) {
  const Fact<std::string>& flavour = environment.kernel_driver.module_flavour;
  if (!flavour.value) return unknown(flavour.reason);
  return {{equal_or_not(*flavour.value == value), *flavour.value}};
}

All cores(const Environment& environment, const RequirementContext&, const std::string& value) {
  const Fact<std::int64_t>& usable = environment.host.usable_cores;
  if (!usable.value) return unknown(usable.reason);
  return {{*usable.value <=> std::int64_t{*whole_number(value)}, std::to_string(*usable.value)}};
}

All ram(const Environment& environment, const RequirementContext&, const std::string& value) {
  const Fact<std::int64_t>& memory = environment.host.memory_bytes;
  if (!memory.value) return unknown(memory.reason);
  const double bytes = static_cast<double>(*memory.value);
  return {{bytes <=> *bytes_of(value), fmt::format("{:.2f} GiB", bytes / 0x1p30)}};
}

const RequirementKey machine_keys[] = {
    {"driver", Relations::ordered, "driver>=580.65.06", valid_version, driver},
    {"cuda", Relations::ordered, "cuda>=12.8", valid_pair, cuda},
    {"runtime", Relations::ordered, "runtime>=12.8", valid_pair, runtime},
    {"framework_cuda", Relations::ordered, "framework_cuda>=12.6", valid_pair, framework_cuda},
    {"versions", Relations::equality, "versions=native",
     [](const std::string& v) { return v == "native" || v == "mvc" || v == "forward_compat"; }, versions},
    {"is_available", Relations::equality, "is_available=true",
     [](const std::string& v) { return v == "true" || v == "false"; }, is_available},
    {"driver_branch", Relations::one_of, "driver_branch=production|long_term",
     [](const std::string& v) { return is_kind(v) || whole_number(v).has_value(); }, driver_branch},
    {"module", Relations::equality, "module=open",
     [](const std::string& v) { return v == "open" || v == "proprietary"; }, module},
    {"count", Relations::ordered, "count>=1", valid_count, count},
    {"cores", Relations::ordered, "cores>=16", valid_count, cores},
    {"ram", Relations::ordered, "ram>=64GiB", valid_bytes, ram},
};

}  // namespace

std::span<const RequirementKey> requirement_keys() {
  static const std::vector<RequirementKey> all = [] {
    std::vector<RequirementKey> keys(std::begin(machine_keys), std::end(machine_keys));
    keys.insert(keys.end(), requirement_gpu_keys().begin(), requirement_gpu_keys().end());
    return keys;
  }();
  return all;
}

const RequirementKey* find_requirement_key(const std::string& name) {
  for (const RequirementKey& key : requirement_keys()) {
    if (name == key.name) return &key;
  }
  return nullptr;
}

}  // namespace kernelgate
