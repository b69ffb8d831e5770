// What identifies an environment.
#include "harness/check/fingerprint.h"

#include <fmt/core.h>

#include <cctype>
#include <set>

#include "harness/base/json/fact_json.h"
#include "harness/base/timing_version.h"

namespace kernelgate {
namespace {

using nlohmann::json;

Fact<std::string> version_text(const Fact<std::int64_t>& version) {
  if (!version.value) return missing<std::string>(version.reason);
  return {cuda_version_text(*version.value), ""};
}

// A GPU that CUDA doesn't see: every fact says so.
Gpu unseen_gpu(int ordinal) {
  Gpu gpu;
  for_each_gpu_field(
      [&](const char*, auto member) { (gpu.*member).reason = fmt::format("CUDA shows no GPU {}", ordinal); });
  return gpu;
}

json gpu_identity(const Environment& environment, const Gpu& gpu) {
  return {{"gpu_name", fact_json(gpu.name)},
          {"gpu_uuid", fact_json(gpu.uuid)},
          {"sm_count", fact_json(gpu.sm_count)},
          {"memory_bytes", fact_json(gpu.memory_bytes)},
          {"mig", fact_json(gpu.mig)},
          {"ecc", fact_json(gpu.ecc)},
          {"vbios", fact_json(gpu.vbios)},
          {"power_limit_w", fact_json(gpu.power_limit_w)},
          {"application_clock_sm_hz", fact_json(gpu.sm_clock_application_hz)},
          {"application_clock_memory_hz", fact_json(gpu.memory_clock_application_hz)},
          // So that nobody takes the clocks for known: a change of them shows in seconds and not in cycles.
          {"clock_lock", fact_json(missing<std::string>("NVML does not tell locked clocks (nvidia-smi -lgc)"))},
          {"cpu_model", fact_json(environment.host.cpu_model)},
          {"driver", fact_json(environment.driver)},
          {"cuda_driver_api", fact_json(version_text(environment.cuda_driver_api))},
          {"cuda_runtime", fact_json(version_text(environment.cuda_runtime))},
          {"cuda_compiled_with", fact_json(version_text(environment.cuda_compiled_with))}};
}

json gpu_covariates(const Environment& environment, const Gpu& gpu) {
  return {{"kernel_module", fact_json(environment.kernel_driver.module_version)},
          {"kernel_module_flavour", fact_json(environment.kernel_driver.module_flavour)},
          {"gsp_firmware", fact_json(gpu.gsp_firmware)},
          {"board_part_number", fact_json(gpu.board_part_number)},
          {"persistence", fact_json(gpu.persistence)},
          {"compute_mode", fact_json(gpu.compute_mode)},
          {"power_limit_default_w", fact_json(gpu.power_limit_default_w)},
          {"sm_clock_max_hz", fact_json(gpu.sm_clock_max_hz)},
          {"memory_clock_max_hz", fact_json(gpu.memory_clock_max_hz)},
          {"sm_clock_hz", fact_json(gpu.sm_clock_hz)},
          {"memory_clock_hz", fact_json(gpu.memory_clock_hz)},
          {"temperature_c", fact_json(gpu.temperature_c)},
          {"clocks_event_reasons", fact_json(gpu.clocks_event_reasons)},
          {"pcie_generation_max", fact_json(gpu.pcie_generation_max)},
          {"pcie_width_max", fact_json(gpu.pcie_width_max)},
          {"other_processes", fact_json(gpu.other_processes)},
          {"governor", fact_json(environment.host.governor)},
          {"usable_cores", fact_json(environment.host.usable_cores)}};
}

// Nothing that moves by itself: no current clock, no load.
json cpu_identity(const Host& host) {
  return {{"cpu_model", fact_json(host.cpu_model)},
          {"cpu_family", fact_json(host.cpu_family)},
          {"cpu_isa", fact_json(host.cpu_isa)},
          {"usable_cores", fact_json(host.usable_cores)},
          {"cpu_quota_cores", fact_json(host.cpu_quota_cores)},
          {"governor", fact_json(host.governor)}};
}

bool is_missing(const json& fact) { return fact.is_object() && fact.contains("value") && fact["value"].is_null(); }

std::string shown(const json& fact) {
  if (is_missing(fact)) return fmt::format("unknown ({})", fact.value("reason", "no reason given"));
  return fact.is_string() ? fact.get<std::string>() : fact.dump();
}

json identity_of(const json& print) {
  return print.is_object() && print.contains("identity") && print["identity"].is_object() ? print["identity"]
                                                                                          : json::object();
}

void drop(std::string& text, std::string_view word) {
  for (std::size_t at; (at = text.find(word)) != std::string::npos;) text.erase(at, word.size());
}

std::string slug(std::string_view text) {
  std::string made;
  for (const char c : text) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (byte < 128 && std::isalnum(byte)) {
      made += static_cast<char>(std::tolower(byte));
    } else if (!made.empty() && made.back() != '_') {
      made += '_';
    }
  }
  while (made.ends_with('_')) made.pop_back();
  return made;
}

}  // namespace

json fingerprint(const Environment& environment, std::string_view kind, int ordinal) {
  const Host& host = environment.host;
  json identity, covariates;
  if (kind == "cuda") {
    const Gpu* seen = environment.visible_gpu(ordinal);
    const Gpu gpu = seen ? *seen : unseen_gpu(ordinal);
    identity = gpu_identity(environment, gpu);
    covariates = gpu_covariates(environment, gpu);
  } else {
    identity = cpu_identity(host);
    covariates["memory_bytes"] = fact_json(host.memory_bytes);
  }
  identity["kind"] = kind;
  identity["timing_version"] = timing_version;
  covariates["kernel"] = fact_json(host.kernel);
  covariates["cpu_microcode"] = fact_json(host.cpu_microcode);
  covariates["load_1min"] = fact_json(host.load_1min);
  covariates["variables"] = environment.variables;
  const json informational = {{"hostname", fact_json(host.hostname)},
                              {"distribution", fact_json(host.distribution)},
                              {"hypervisor", fact_json(host.hypervisor)},
                              {"container", fact_json(host.container)}};
  return {{"identity", identity}, {"covariates", covariates}, {"informational", informational}};
}

std::string device_key(const Environment& environment, std::string_view kind, int ordinal) {
  if (kind == "cuda") {
    const Gpu* gpu = environment.visible_gpu(ordinal);
    const std::string key = slug(gpu ? gpu->name.value.value_or("") : "");
    return key.empty() ? "gpu_unknown" : key;
  }
  std::string model = environment.host.cpu_model.value.value_or("unknown");
  model = model.substr(0, model.find('@'));  // the nominal clock is part of some names
  for (const char* noise : {"(R)", "(r)", "(TM)", "(tm)", "Processor", "CPU"}) drop(model, noise);
  const std::string key = slug(model);
  return "cpu_" + (key.empty() ? "unknown" : key);
}

std::vector<std::string> identity_differences(const json& base, const json& fresh) {
  const json before = identity_of(base), after = identity_of(fresh);
  std::set<std::string> keys;
  for (const auto& [key, value] : before.items()) keys.insert(key);
  for (const auto& [key, value] : after.items()) keys.insert(key);
  if (keys.empty()) return {"identity: neither fingerprint has one"};
  const json absent = {{"value", nullptr}, {"reason", "not recorded"}};
  std::vector<std::string> differences;
  for (const std::string& key : keys) {
    const json a = before.value(key, absent), b = after.value(key, absent);
    if (a == b || (is_missing(a) && is_missing(b))) continue;
    differences.push_back(fmt::format("{}: {} -> {}", key, shown(a), shown(b)));
  }
  return differences;
}

}  // namespace kernelgate
