// Whether the frameworks that are installed here will run on this machine's GPU.
#include "harness/check/knowledge/framework_verdict.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "harness/base/json/fact_json.h"
#include "harness/check/knowledge/wheel_choice.h"
#include "harness/check/machine/evidence.h"

namespace kernelgate {
namespace {

// Of a framework of which only the major is known: the least and the most that it can be.
constexpr int last_minor = 990;

bool same_major_only(const Framework& framework, const Environment& environment) {
  const std::optional<std::int64_t>& api = environment.cuda_driver_api.value;
  return framework.major_only && api && *api / 1000 == *framework.cuda.value / 1000;
}

// What a framework without wheels of its own table takes: the driver's major, or the last that still knows the GPU.
std::int64_t library_major(const Environment& environment) {
  constexpr std::int64_t newest = 13, last_before_turing = 12;
  const std::int64_t major = environment.cuda_driver_api.value.value_or(newest * 1000) / 1000;
  const bool old_gpu = std::ranges::any_of(relevant_gpus(environment), [](const Gpu* gpu) {
    return gpu->compute_capability.value && *gpu->compute_capability.value < 75;
  });
  return std::min(major, old_gpu ? last_before_turing : newest);
}

std::string no_wheels(const Framework& framework) {
  return fmt::format("No wheel of {} has code for this GPU and this driver: build it from source, or use another GPU",
                     framework.name);
}

std::vector<std::string> remedies_from_table(const Framework& framework, const Environment& environment,
                                             const CompatDb& compat) {
  const WheelIndex* wheels = choose_wheels(framework.name, environment, compat);
  if (!wheels) return {no_wheels(framework)};
  const std::optional<Version> have = Version::parse(framework.python), needed = Version::parse(wheels->python);
  if (have && needed && *have < *needed) {
    return {fmt::format("Make an environment with Python {} or later (this one is {}), and there: {}", wheels->python,
                        framework.python, wheels->install)};
  }
  return {wheels->install};
}

// The libraries are wheels, too; what opens them by name must be told where they are.
std::vector<std::string> remedies_for_missing(const Framework& framework) {
  const std::int64_t cuda = *framework.cuda.value / 1000;
  std::string packages;
  for (const std::string& library : framework.missing_libraries) {
    const bool cudnn = library.starts_with("cuDNN");
    packages += cudnn ? fmt::format(" 'nvidia-cudnn-cu{}=={}.*'", cuda, library.substr(6, library.find(' ', 6) - 6))
                : cuda >= 13 ? fmt::format(" 'nvidia-cublas=={}.*'", cuda)  // without the major in the name since 13
                             : fmt::format(" nvidia-cublas-cu{}", cuda);
  }
  if (framework.name == "TensorFlow") {
    return {fmt::format("pip install 'tensorflow[and-cuda]=={}'", framework.version),
            "Or install the libraries alone: pip install" + packages};
  }
  std::vector<std::string> remedies = {"pip install" + packages};
  if (framework.name == "ONNX Runtime") {
    remedies.emplace_back("In the program, before the first session: onnxruntime.preload_dlls() (1.21 and later)");
  } else {
    remedies.emplace_back("Put the folders nvidia/*/lib of site-packages into LD_LIBRARY_PATH");
  }
  return remedies;
}

// Wheel indexes come and go: those that there are stand in the table of wheels, with the day on which they were seen.
std::vector<std::string> remedies_for(const Framework& framework, const Environment& environment,
                                      const CompatDb& compat) {
  const std::int64_t major = library_major(environment);
  if (framework.name == "PyTorch" || framework.name == "PaddlePaddle") {
    return remedies_from_table(framework, environment, compat);
  }
  if (framework.name == "TensorFlow") {
    return {major >= 12 ? "pip install --force-reinstall 'tensorflow[and-cuda]'"
                        : "pip install --force-reinstall 'tensorflow[and-cuda]==2.14.*' (the last for CUDA 11)"};
  }
  if (framework.name == "JAX") {
    if (major < 12) return {"Upgrade the driver to 525.60.13 or later: JAX has no wheels for CUDA 11 any more"};
    return {fmt::format("pip install --upgrade 'jax[cuda{}]'", major)};
  }
  if (framework.name == "CuPy") {
    return {fmt::format("pip uninstall the present one, then pip install cupy-cuda{}x", major)};
  }
  if (framework.name == "CTranslate2") {
    return {major >= 12 ? "pip install --upgrade ctranslate2"
                        : "pip install 'ctranslate2==3.24.*' (the last for CUDA 11)"};
  }
  // Source  onnxruntime.ai, CUDA execution provider: since 1.19 the wheels on PyPI are for CUDA 12.
  return {major >= 12 ? "pip uninstall -y onnxruntime onnxruntime-gpu, then pip install 'onnxruntime-gpu[cuda,cudnn]'"
                      : "pip uninstall -y onnxruntime onnxruntime-gpu, then pip install 'onnxruntime-gpu==1.18.*' (the "
                        "last for CUDA 11)"};
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
  // What its toolkit could compile for, its builders may have left out.
  const WheelIndex* wheels = wheels_of(framework, compat);
  if (wheels && !has_code(*wheels, cc, jit)) {
    std::string has;
    for (const int one : wheels->machine_code) has += " " + compute_capability_text(one);
    return fmt::format("built without code for {}: wheels of {} have it for{}", gpu_text, wheels->index, has);
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

// It counts devices: whether there is code for them shows at the first kernel only (pytorch#167244).
Fact<bool> is_available(const Framework& framework, VersionState state, const Environment& environment) {
  if (framework.without_cuda) return {false, ""};
  if (!framework.cuda.value) return missing<bool>(framework.cuda.reason);
  return {state != VersionState::too_old && environment.cuda.init_code.value == 0 && environment.visible_gpus() > 0,
          ""};
}

FrameworkVerdict judge(const Framework& framework, const Environment& environment, const CompatDb& compat) {
  FrameworkVerdict verdict{framework, VersionState::unknown, {}, "", "", {}};
  if (framework.cuda.value) {
    verdict.state = judge_cuda(*framework.cuda.value, environment, compat);
    if (verdict.state == VersionState::native && same_major_only(framework, environment)) {
      verdict.state = VersionState::minor_version;  // at the least
    }
  }
  verdict.uses_gpu = is_available(framework, verdict.state, environment);
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
    if (!framework.missing_libraries.empty()) {
      verdict.problem = fmt::format("needs {}, not found in the loader's folders or beside it: it will {}",
                                    fmt::join(framework.missing_libraries, " and "),
                                    framework.name == "ONNX Runtime" || framework.name == "TensorFlow"
                                        ? "run on the CPU without saying so"
                                        : "fail when it starts on the GPU");
      verdict.remedies = remedies_for_missing(framework);
      verdict.uses_gpu = framework.name == "TensorFlow" ? Fact<bool>{false, ""} : verdict.uses_gpu;
      return verdict;
    }
    const bool jit = verdict.state == VersionState::native;
    for (const Gpu* gpu : relevant_gpus(environment)) {
      if (verdict.problem.empty()) verdict.problem = architecture_problem(framework, *gpu, jit, compat);
    }
  }
  if (verdict.problem.empty()) return verdict;
  for (const std::string& remedy : remedies_for(framework, environment, compat)) verdict.remedies.push_back(remedy);
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
         {"is_available", fact_json(verdict.uses_gpu)},
         {"text", verdict.text},
         {"problem", verdict.problem.empty() ? nlohmann::json(nullptr) : nlohmann::json(verdict.problem)},
         {"remedies", verdict.remedies}});
  }
  return document;
}

}  // namespace kernelgate
