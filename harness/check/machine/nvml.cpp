#include "harness/check/machine/nvml.h"

#include <fmt/core.h>

namespace kernelgate::nvml {
namespace {

std::int64_t decoded(const FieldValue& field) {
  switch (field.type) {
    case type_double:
      return static_cast<std::int64_t>(field.value.real);
    case type_unsigned:
      return field.value.number;
    case type_unsigned_long:
      return static_cast<std::int64_t>(field.value.word);
    case type_signed_wide:
      return field.value.signed_wide;
    case type_int:
      return field.value.whole;
    case type_short:
      return field.value.narrow;
    default:
      return static_cast<std::int64_t>(field.value.wide);
  }
}

}  // namespace

std::string reason_text(Return code) {
  switch (code) {
    case not_supported:
      return "not supported by this GPU";
    case no_permission:
      return "no permission";
    case function_not_found:
      return "this driver's NVML lacks the function";
    case gpu_is_lost:
      return "the GPU is lost";
    case 16:
      return "the GPU needs a reset";
    case 17:
      return "the operating system or a control group blocks it";
    case 27:
      return "not ready yet";
    default:
      return fmt::format("NVML error {}", code);
  }
}

std::vector<Fact<std::int64_t>> Api::fields(Handle device, std::initializer_list<unsigned> ids) const {
  std::vector<FieldValue> values(ids.size());
  std::size_t at = 0;
  for (const unsigned id : ids) values[at++].field = id;
  const Return code = call("nvmlDeviceGetFieldValues", device, static_cast<int>(values.size()), values.data());
  std::vector<Fact<std::int64_t>> facts;
  for (const FieldValue& value : values) {
    const Return own = code == success ? value.result : code;
    facts.push_back(own == success ? Fact<std::int64_t>{decoded(value), ""} : missing<std::int64_t>(reason_text(own)));
  }
  return facts;
}

Fact<std::int64_t> Api::clocks_event_reasons(Handle device) const {
  Fact<std::int64_t> bits = number<unsigned long long>("nvmlDeviceGetCurrentClocksEventReasons", device);
  if (!bits.value) bits = number<unsigned long long>("nvmlDeviceGetCurrentClocksThrottleReasons", device);
  return bits;
}

Fact<std::int64_t> Api::gpu_temperature(Handle device) const {
  Fact<std::int64_t> known = number<unsigned>("nvmlDeviceGetTemperature", device, temperature_of_gpu);
  if (known.value) return known;
  Temperature temperature{struct_version<Temperature>(1), temperature_of_gpu, 0};
  if (call("nvmlDeviceGetTemperatureV", device, &temperature) != success) return known;
  return {temperature.celsius, ""};
}

Fact<std::int64_t> Api::temperature_margin(Handle device) const {
  MarginTemperature margin{struct_version<MarginTemperature>(1), 0};
  const Return code = call("nvmlDeviceGetMarginTemperature", device, &margin);
  if (code == success) return {margin.celsius, ""};
  const Fact<std::int64_t> slowdown =
      number<unsigned>("nvmlDeviceGetTemperatureThreshold", device, Threshold::slowdown);
  const Fact<std::int64_t> now = gpu_temperature(device);
  if (!slowdown.value || !now.value) return missing<std::int64_t>(reason_text(code));
  return {*slowdown.value - *now.value, ""};
}

Fact<double> Api::power(Handle device) const {
  const Fact<std::int64_t> now = fields(device, {field::power_instant})[0];
  return scaled(now.value ? now : number<unsigned>("nvmlDeviceGetPowerUsage", device), milli);
}

Fact<std::vector<unsigned>> Api::processes(const char* name, Handle device) const {
  std::vector<ProcessInfo> infos(128);
  unsigned count = 0;
  Return code = insufficient_size;
  // The list may grow between two calls.
  for (int attempt = 0; attempt < 3 && code == insufficient_size; ++attempt) {
    if (count > infos.size()) infos.resize(count + 16U);
    count = static_cast<unsigned>(infos.size());
    code = call(name, device, &count, infos.data());
  }
  if (code != success) return missing<std::vector<unsigned>>(reason_text(code));
  std::vector<unsigned> pids;
  for (std::size_t i = 0; i < count && i < infos.size(); ++i) pids.push_back(infos[i].pid);
  return {std::move(pids), ""};
}

SymbolSource open_library(std::string& error) { return open_symbols(error, "libnvidia-ml.so.1"); }

Session::Session(SymbolSource symbols, std::string load_error)
    : api_(std::move(symbols)), error_(std::move(load_error)) {
  if (!error_.empty()) return;
  const Return code = api_.call("nvmlInit_v2");
  if (code != success) error_ = fmt::format("nvmlInit_v2 returned {}: {}", code, reason_text(code));
}

Session::~Session() {
  if (ready()) api_.call("nvmlShutdown");
}

Handle Session::by_pci_bus_id(const std::string& pci_bus_id, std::string& error) const {
  Handle device = nullptr;
  if (!ready()) {
    error = error_;
    return nullptr;
  }
  const Return code = api_.call("nvmlDeviceGetHandleByPciBusId_v2", pci_bus_id.c_str(), &device);
  if (code == success) return device;
  error = fmt::format("NVML has no GPU at '{}': {}", pci_bus_id, reason_text(code));
  return nullptr;
}

Fact<bool> as_bool(const Fact<std::int64_t>& number) {
  if (!number.value) return missing<bool>(number.reason);
  return {*number.value != 0, ""};
}

Fact<double> scaled(const Fact<std::int64_t>& number, double unit) {
  if (!number.value) return missing<double>(number.reason);
  return {static_cast<double>(*number.value) * unit, ""};
}

}  // namespace kernelgate::nvml
