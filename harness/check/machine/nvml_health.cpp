#include "harness/check/machine/nvml_health.h"

namespace kernelgate {
namespace {

using nvml::Api;
using nvml::Handle;

Fact<std::int64_t> ecc_errors(const Api& api, Handle device, nvml::Errors kind, nvml::Since since) {
  return api.number<unsigned long long>("nvmlDeviceGetTotalEccErrors", device, kind, since);
}

Fact<std::int64_t> threshold(const Api& api, Handle device, nvml::Threshold which) {
  return api.number<unsigned>("nvmlDeviceGetTemperatureThreshold", device, which);
}

Fact<bool> flag(nvml::Return code, unsigned value) {
  if (code != nvml::success) return missing<bool>(nvml::reason_text(code));
  return {value != 0, ""};
}

Fact<std::int64_t> count(nvml::Return code, std::int64_t value) {
  if (code != nvml::success) return missing<std::int64_t>(nvml::reason_text(code));
  return {value, ""};
}

}  // namespace

void read_memory_health(const Api& api, Handle device, Gpu& gpu) {
  gpu.ecc_corrected = ecc_errors(api, device, nvml::Errors::corrected, nvml::Since::driver_load);
  gpu.ecc_uncorrected = ecc_errors(api, device, nvml::Errors::uncorrected, nvml::Since::driver_load);
  gpu.ecc_corrected_ever = ecc_errors(api, device, nvml::Errors::corrected, nvml::Since::manufacture);
  gpu.ecc_uncorrected_ever = ecc_errors(api, device, nvml::Errors::uncorrected, nvml::Since::manufacture);
  nvml::SramErrors sram{};
  sram.version = nvml::struct_version<nvml::SramErrors>(1);
  gpu.sram_threshold_exceeded =
      flag(api.call("nvmlDeviceGetSramEccErrorStatus", device, &sram), sram.threshold_exceeded);
  unsigned corrected = 0, uncorrected = 0, pending = 0, failed = 0;
  const nvml::Return rows = api.call("nvmlDeviceGetRemappedRows", device, &corrected, &uncorrected, &pending, &failed);
  gpu.remapped_rows_corrected = count(rows, corrected);
  gpu.remapped_rows_uncorrected = count(rows, uncorrected);
  gpu.row_remap_pending = flag(rows, pending);
  gpu.row_remap_failed = flag(rows, failed);
  const auto pages = api.fields(
      device, {nvml::field::retired_corrected, nvml::field::retired_uncorrected, nvml::field::retired_pending});
  gpu.retired_pages_corrected = pages[0];
  gpu.retired_pages_uncorrected = pages[1];
  gpu.page_retirement_pending = nvml::as_bool(pages[2]);
  nvml::UnrepairableMemory unrepairable{};
  gpu.memory_unrepairable =
      flag(api.call("nvmlDeviceGetUnrepairableMemoryFlag_v1", device, &unrepairable), unrepairable.flag);
}

void read_temperatures(const Api& api, Handle device, Gpu& gpu) {
  gpu.temperature_c = api.gpu_temperature(device);
  gpu.temperature_margin_c = api.temperature_margin(device);
  gpu.temperature_shutdown_c = threshold(api, device, nvml::Threshold::shutdown);
  gpu.temperature_slowdown_c = threshold(api, device, nvml::Threshold::slowdown);
  gpu.temperature_max_operating_c = threshold(api, device, nvml::Threshold::gpu_max);
  const auto fields =
      api.fields(device, {nvml::field::memory_temperature, nvml::field::shutdown_tlimit, nvml::field::slowdown_tlimit,
                          nvml::field::memory_max_tlimit, nvml::field::gpu_max_tlimit});
  gpu.memory_temperature_c = fields[0];
  gpu.shutdown_tlimit_c = fields[1];
  gpu.slowdown_tlimit_c = fields[2];
  gpu.memory_max_tlimit_c = fields[3];
  gpu.max_operating_tlimit_c = fields[4];
}

}  // namespace kernelgate
