// What this build needs of the machine: a driver of its CUDA, and machine code for this GPU. No fault of the machine.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/check/diagnose/diagnose.h"
#include "harness/check/knowledge/version_verdict.h"
#include "harness/check/machine/evidence.h"

namespace kernelgate {
namespace {

using Found = std::optional<Match>;
// CUresult; diagnose_trial.cpp has them under shorter names.
constexpr std::int64_t code_no_binary = 209, code_ptx_too_new = 222;

Found built_without_cuda(const Environment& environment, const CheckOptions& options) {
  if (options.built_with_cuda) return std::nullopt;
  Match match{"This program was built without CUDA: it cannot measure the GPU that is here", {}};
  for (const Gpu* gpu : relevant_gpus(environment)) match.evidence.push_back(gpu_label(*gpu));
  if (match.evidence.empty()) match.evidence = {module_evidence(environment)};
  return match;
}

std::string ptx_refusal(const ImageTrial& image) {
  const std::string log = image.log.empty() ? "" : " (" + image.log + ")";
  return fmt::format("{}: {} returned {}{}", image.name, image.step, image.code.value.value_or(-1), log);
}

std::vector<std::string> version_evidence(const Environment& environment, const VersionVerdict& verdict,
                                          const CompatDb& compat) {
  std::vector<std::string> evidence = {verdict.text};
  if (environment.cuda_runtime.value) {
    evidence.push_back("CUDA runtime in this program: " + cuda_version_text(*environment.cuda_runtime.value));
  }
  evidence.push_back(fmt::format("NATIVE from driver {}, MVC from {} ({})", verdict.native_floor, verdict.major_floor,
                                 compat.page("floors")));
  return evidence;
}

Found driver_too_old(const Environment& environment, const CheckOptions& options) {
  const VersionVerdict verdict = judge_versions(environment, *options.compat);
  if (verdict.state != VersionState::too_old) return std::nullopt;
  const std::int64_t compiled = *environment.cuda_compiled_with.value;
  std::vector<std::string> remedies = {fmt::format("@host Upgrade the driver to {} or later (at the least {})",
                                                   verdict.native_floor, verdict.major_floor)};
  if (environment.cuda_driver_api.value) {
    remedies.push_back(fmt::format("Or build this program with CUDA {} or older",
                                   cuda_version_text(*environment.cuda_driver_api.value)));
  }
  remedies.push_back(fmt::format("On a data-centre GPU: install the package cuda-compat-{}-{}", compiled / 1000,
                                 compiled % 1000 / 10));
  return Match{fmt::format("The driver is too old for CUDA {}", cuda_version_text(compiled)),
               version_evidence(environment, verdict, *options.compat), remedies};
}

Found minor_version_only(const Environment& environment, const CheckOptions& options) {
  const VersionVerdict verdict = judge_versions(environment, *options.compat);
  if (verdict.state != VersionState::minor_version) return std::nullopt;
  return Match{"The driver runs this program by minor-version compatibility only",
               version_evidence(environment, verdict, *options.compat),
               {fmt::format("@host Upgrade the driver to {} or later", verdict.native_floor)}};
}

/// The first image that should fit and that the driver found no code in; empty: none.
std::string refused_machine_code(const Environment& environment, const CheckOptions& options) {
  const GpuTrial* trial = environment.trial(options.ordinal);
  if (!trial) return "";
  const auto found =
      std::ranges::find_if(trial->images, [](const ImageTrial& i) { return !i.ptx && i.code.value == code_no_binary; });
  return found == trial->images.end() ? ""
                                      : fmt::format("{}: {} returned {}", found->name, found->step, code_no_binary);
}

Found not_compiled_for(const Environment& environment, const CheckOptions& options) {
  const Gpu* gpu = environment.visible_gpu(options.ordinal);
  const std::vector<const Gpu*> others = relevant_gpus(environment);
  if (!gpu && !others.empty()) gpu = others.front();
  if (!options.built_with_cuda || options.architectures.empty() || !gpu || !gpu->compute_capability.value) {
    return std::nullopt;
  }
  const std::int64_t cc = *gpu->compute_capability.value;
  const std::string refused = refused_machine_code(environment, options);
  const bool fits = std::ranges::any_of(options.architectures, [&](const auto& a) { return image_fits(a, false, cc); });
  if (fits && refused.empty()) return std::nullopt;
  Match match{"None of our kernels was compiled for this GPU",
              {fmt::format("{}, compute capability {}", gpu_label(*gpu), compute_capability_text(cc)),
               fmt::format("compiled for: {}", fmt::join(options.architectures, ", "))},
              {fmt::format("Rebuild: cmake -S . -B build -DKERNELGATE_CUDA_ARCHS={} && cmake --build build", cc)}};
  if (!refused.empty()) match.evidence.push_back(refused);
  if (const Architecture* known = options.compat->architecture(static_cast<int>(cc))) {
    const std::string last = known->last_cuda ? cuda_version_text(known->last_cuda) : "today's";
    match.evidence.push_back(fmt::format("{} can be compiled for by CUDA {} to {}", known->generation,
                                         cuda_version_text(known->first_cuda), last));
  }
  return match;
}

Found ptx_newer_than_driver(const Environment& environment, const CheckOptions& options) {
  const GpuTrial* trial = environment.trial(options.ordinal);
  if (!trial) return std::nullopt;
  Match match{"The driver can't compile this toolkit's PTX: it is newer than the driver", {}};
  bool machine_code = false;
  for (const ImageTrial& image : trial->images) {
    machine_code = machine_code || (!image.ptx && image.works());
    if (image.code.value == code_ptx_too_new) match.evidence.push_back(ptx_refusal(image));
  }
  if (match.evidence.empty()) return std::nullopt;
  const VersionVerdict verdict = judge_versions(environment, *options.compat);
  match.evidence.push_back(verdict.text);
  match.remedies = {fmt::format("@host Upgrade the driver to {} or later", verdict.native_floor),
                    "Or ship machine code for this GPU, not PTX: -DKERNELGATE_CUDA_ARCHS=<cc>; in other programs "
                    "nvcc -gencode arch=compute_<cc>,code=sm_<cc>"};
  // PTX is for GPUs that no machine code was made for.
  if (machine_code) {
    match.severity = Severity::warning;
    match.evidence.emplace_back("machine code works: this program does not need PTX here, others may");
  }
  return match;
}

const Diagnosis build_table[] = {
    {"D-BUILD-NOCUDA",
     Severity::failure,
     "No CUDA compiler was found when this program was built. It can check this machine and measure its CPU.",
     {"Install the CUDA Toolkit and build again: scripts/setup, then scripts/build"},
     "this program's build",
     built_without_cuda},
    {"D-VER-MAJOR",
     Severity::failure,
     "A CUDA runtime needs a driver of its own major version or later. CUDA's runtime calls this error 35. "
     "NATIVE: the driver is at least the one that came with the toolkit. MVC: older, of the same major. "
     "FORWARD_COMPAT: a newer libcuda on an older kernel module, on data-centre GPUs.",
     {"@host Upgrade the driver", "Or build with an older CUDA",
      "On a data-centre GPU: install the cuda-compat package"},
     "docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html",
     driver_too_old},
    {"D-VER-MVC",
     Severity::warning,
     "The driver is older than the toolkit but of the same CUDA major. Programs run; PTX of this toolkit can't be "
     "compiled (error 222) and functions newer than the driver are missing (36, 801).",
     {"@host Upgrade the driver to the one of the toolkit"},
     "docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html",
     minor_version_only},
    {"D-VER-PTX",
     Severity::failure,
     "A driver compiles PTX of its own CUDA version and of older ones. Under minor-version compatibility the toolkit "
     "is "
     "newer, and its PTX is refused with error 222; machine code runs.",
     {"@host Upgrade the driver to the toolkit's", "Or ship machine code for this GPU, not PTX"},
     "CUDA error 222; docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html",
     ptx_newer_than_driver},
    {"D-ARCH-BIN",
     Severity::failure,
     "Kernels are machine code for certain compute capabilities: the same major, and a minor no later than the GPU's; "
     "with the suffix `a`, that one alone. Without one that fits, a launch fails with error 209.",
     {"Rebuild with -DKERNELGATE_CUDA_ARCHS=<compute capability>"},
     "CUDA error 209; CUDA programming guide, binary compatibility",
     not_compiled_for},
};

}  // namespace

std::span<const Diagnosis> build_diagnoses() { return build_table; }

}  // namespace kernelgate
