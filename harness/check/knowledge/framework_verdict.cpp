// Whether the frameworks that are installed here will run on this machine's GPU.
#include "harness/check/knowledge/framework_verdict.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "harness/check/machine/evidence.h"

namespace kernelgate {
namespace {

// Of a framework of which only the major is known: the least and the most that it can be.
constexpr int last_minor = 990;

bool same_major_only(const Framework& framework, const Environment& environment) {
  const std::optional<std::int64_t>& api = environment.cuda_driver_api.value;
  return framework.major_only && api && *api / 1000 == *framework.cuda.value / 1000;
}

// What pip would have to be told. Wheel indexes come and go, so no one index is named as the right one.
std::vector<std::string> remedies_for(const Framework& framework, const Environment& environment) {
  const std::optional<std::int64_t>& api = environment.cuda_driver_api.value;
  const std::string limit = api ? "CUDA " + cuda_version_text(*api) : "the CUDA that the driver supports";
  if (framework.name == "PyTorch") {
    const std::string most = api ? fmt::format("cu{}{}", *api / 1000, *api % 1000 / 10) : "cuXYZ";
    return {
        fmt::format("pip install --force-reinstall torch --index-url https://download.pytorch.org/whl/{} (or the "
                    "newest index up to {})",
                    most, limit)};
  }
  if (framework.name == "TensorFlow") return {"pip install --force-reinstall 'tensorflow[and-cuda]'"};
  if (framework.name == "JAX") {
    return {fmt::format("pip install --upgrade 'jax[cuda{}]'", api ? std::to_string(*api / 1000) : "13")};
  }
  if (framework.name == "CuPy") {
    return {fmt::format("pip uninstall the present one, then pip install cupy-cuda{}x", api ? *api / 1000 : 13)};
  }
  return {"pip uninstall onnxruntime onnxruntime-gpu, then pip install onnxruntime-gpu built for " + limit +
          " or older"};
}

// "sm_80" has machine code for 8.0 and later minors; "compute_80" is PTX, which the driver compiles for what is newer.
bool architecture_serves(const std::string& architecture, std::int64_t cc, bool jit) {
  const std::size_t digits = architecture.find('_') + 1;
  std::int64_t number = 0;
  const char* end = architecture.data() + architecture.size();
  const auto [stop, error] = std::from_chars(architecture.data() + digits, end, number);
  if (digits == 0 || error != std::errc{}) return true;  // not understood: no reason to complain
  if (architecture.starts_with("compute_")) return jit && number <= cc;
  return (stop != end && *stop == 'a') ? number == cc : number / 10 == cc / 10 && number <= cc;
}

// Empty where nothing speaks against it.
std::string architecture_problem(const Framework& framework, const Gpu& gpu, bool jit, const CompatDb& compat) {
  if (!gpu.compute_capability.value) return "";
  const std::int64_t cc = *gpu.compute_capability.value;
  const std::string gpu_text = fmt::format("{}, compute capability {}", gpu_label(gpu), compute_capability_text(cc));
  if (const auto& known = framework.architectures.value) {
    const bool served = std::ranges::any_of(*known, [&](const auto& one) { return architecture_serves(one, cc, jit); });
    if (served) return "";
    return fmt::format("built without code for {}: it has {}", gpu_text, fmt::join(*known, " "));
  }
  const Architecture* architecture = compat.architecture(static_cast<int>(cc));
  if (!architecture || !framework.cuda.value) return "";
  const auto least = *framework.cuda.value;
  const auto most = least + (framework.major_only ? last_minor : 0);
  if (most < architecture->first_cuda) {
    return fmt::format("built without code for {}: only CUDA {} and later compile for it", gpu_text,
                       cuda_version_text(architecture->first_cuda));
  }
  if (architecture->last_cuda != 0 && least > architecture->last_cuda) {
    return fmt::format("built without code for {}: CUDA {} was the last to compile for it", gpu_text,
                       cuda_version_text(architecture->last_cuda));
  }
  return "";
}

std::string how_it_goes(const Framework& framework, VersionState state, const Environment& environment) {
  switch (state) {
    case VersionState::native:
      return "NATIVE";
    case VersionState::minor_version:
      return same_major_only(framework, environment) ? "NATIVE or MVC, since its minor version is not known"
                                                     : "MVC: no PTX compilation, no newer functions";
    case VersionState::forward_compat:
      return "FORWARD_COMPAT";
    case VersionState::too_old:
      return "will not run: the driver is too old";
    case VersionState::unknown:
      break;
  }
  return framework.without_cuda ? "runs on the CPU" : "not known";
}

FrameworkVerdict judge(const Framework& framework, const Environment& environment, const CompatDb& compat) {
  FrameworkVerdict verdict{framework, VersionState::unknown, "", "", {}};
  if (framework.cuda.value) {
    verdict.state = judge_cuda(*framework.cuda.value, environment, compat);
    if (verdict.state == VersionState::native && same_major_only(framework, environment)) {
      verdict.state = VersionState::minor_version;  // at the least
    }
  }
  verdict.text = fmt::format("{} {}, built for {}: {}", framework.name, framework.version, cuda_text(framework),
                             how_it_goes(framework, verdict.state, environment));
  if (framework.without_cuda) {
    verdict.problem = framework.cuda.reason + ": it will not use the GPU";
  } else if (verdict.state == VersionState::too_old) {
    const int cuda = static_cast<int>(*framework.cuda.value);
    const std::string floor = compat.major_floor_text(cuda, environment.host.wsl);
    verdict.problem = fmt::format("built for {}, which needs driver {} or later", cuda_text(framework),
                                  floor == "unknown" ? compat.native_floor_text(cuda, environment.host.wsl) : floor);
    verdict.remedies = {fmt::format("Upgrade the driver to {} or later", floor)};
  } else {
    const bool jit = verdict.state == VersionState::native;
    for (const Gpu* gpu : relevant_gpus(environment)) {
      if (verdict.problem.empty()) verdict.problem = architecture_problem(framework, *gpu, jit, compat);
    }
  }
  if (verdict.problem.empty()) return verdict;
  for (const std::string& remedy : remedies_for(framework, environment)) verdict.remedies.push_back(remedy);
  if (verdict.state == VersionState::too_old) {
    verdict.remedies.push_back("On a data-centre GPU: a cuda-compat package of that CUDA (FORWARD_COMPAT)");
  }
  return verdict;
}

}  // namespace

std::vector<FrameworkVerdict> judge_frameworks(const Environment& environment, const CompatDb& compat) {
  std::vector<FrameworkVerdict> verdicts;
  verdicts.reserve(environment.frameworks.size());
  for (const Framework& framework : environment.frameworks) verdicts.push_back(judge(framework, environment, compat));
  return verdicts;
}

nlohmann::json to_json(const std::vector<FrameworkVerdict>& verdicts) {
  nlohmann::json document = nlohmann::json::array();
  for (const FrameworkVerdict& verdict : verdicts) {
    document.push_back(
        {{"name", verdict.framework.name},
         {"version", verdict.framework.version},
         {"state", to_string(verdict.state)},
         {"text", verdict.text},
         {"problem", verdict.problem.empty() ? nlohmann::json(nullptr) : nlohmann::json(verdict.problem)},
         {"remedies", verdict.remedies}});
  }
  return document;
}

}  // namespace kernelgate
