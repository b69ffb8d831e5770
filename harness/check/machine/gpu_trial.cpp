// Uses a GPU through libcuda as a program would. Numbers from NVIDIA's nvml.h.
#include "harness/check/machine/gpu_trial.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <chrono>

#include "harness/base/json/fact_json.h"
#include "harness/check/machine/cuda_driver.h"
#include "harness/check/machine/nvml.h"
#include "harness/check/machine/smoke/smoke_value.h"

namespace kernelgate {
namespace {

using Address = unsigned long long;
using Handle = void*;
using Clock = std::chrono::steady_clock;

constexpr unsigned threads = 256;
constexpr unsigned blocks_per_sm = 8;  // every SM gets some of them
constexpr std::uint32_t seed = 0x6b677a31;
constexpr std::uint32_t poison = 0xdeadbeef;
// Long enough for clocks and link to leave their idle state, short beside the three seconds that a check may take.
constexpr std::chrono::milliseconds load_time{250};
constexpr std::size_t copy_bytes = std::size_t{32} << 20;
constexpr int copies_a_round = 16;  // 9 ms at 55 GB/s: longer than NVML takes to answer meanwhile

/// 0: not known.
std::int64_t device_attribute(const CudaDriver& cuda, CuDeviceAttribute which, int device) {
  int value = 0;
  return cuda.attribute(which, device, value) == 0 ? value : 0;
}

/// The memory that the smoke kernel writes.
struct Output {
  Address address = 0;
  std::uint32_t count = 0;
};

std::string first_line(const char* text) {
  const std::string_view all(text);
  return std::string(all.substr(0, all.find('\n')));
}

void check_numbers(const std::vector<std::uint32_t>& numbers, ImageTrial& trial) {
  std::size_t wrong = 0, first = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] == smoke_value(static_cast<std::uint32_t>(i), seed)) continue;
    if (wrong++ == 0) first = i;
  }
  trial.right = {wrong == 0, ""};
  if (wrong == 0) return;
  trial.wrong = fmt::format("{} of {} numbers, the first at {}: {:#010x} and not {:#010x}{}", wrong, numbers.size(),
                            first, numbers[first], smoke_value(static_cast<std::uint32_t>(first), seed),
                            numbers[first] == poison ? " (never written)" : "");
}

class LoadedImage {
 public:
  LoadedImage(const CudaDriver& cuda, const SmokeImage& image, ImageTrial& trial) : cuda_(cuda), trial_(trial) {
    constexpr int error_log = 5, error_log_bytes = 6;  // CU_JIT_ERROR_LOG_BUFFER and its size
    std::array<char, 4096> log{};
    std::array<int, 2> options{error_log, error_log_bytes};
    std::array<void*, 2> values{log.data(), std::bit_cast<void*>(std::uintptr_t{log.size() - 1})};
    step("cuModuleLoadDataEx", cuda.call("cuModuleLoadDataEx", &module_, static_cast<const void*>(image.bytes.data()),
                                         static_cast<unsigned>(options.size()), options.data(), values.data()));
    trial.log = first_line(log.data());
  }
  ~LoadedImage() {
    if (module_) cuda_.call("cuModuleUnload", module_);
  }
  LoadedImage(const LoadedImage&) = delete;
  LoadedImage& operator=(const LoadedImage&) = delete;

  Handle kernel(const char* name) {
    Handle function = nullptr;
    if (ok()) step("cuModuleGetFunction", cuda_.call("cuModuleGetFunction", &function, module_, name));
    return function;
  }

  void run_smoke(const Output& output) {
    const Handle function = kernel("kernelgate_smoke");
    if (ok()) step("cuMemsetD32_v2", cuda_.call("cuMemsetD32_v2", output.address, poison, std::size_t{output.count}));
    if (!ok()) return;
    Address address = output.address;
    std::uint32_t count = output.count, used_seed = seed;
    std::array<void*, 3> arguments{&address, &count, &used_seed};
    const unsigned blocks = output.count / threads;
    step("cuLaunchKernel", cuda_.call("cuLaunchKernel", function, blocks, 1U, 1U, threads, 1U, 1U, 0U, Handle{nullptr},
                                      arguments.data(), static_cast<void**>(nullptr)));
    if (ok()) step("cuCtxSynchronize", cuda_.call("cuCtxSynchronize"));
    std::vector<std::uint32_t> numbers(output.count);
    if (ok()) {
      step("cuMemcpyDtoH_v2", cuda_.call("cuMemcpyDtoH_v2", static_cast<void*>(numbers.data()), output.address,
                                         numbers.size() * sizeof numbers.front()));
    }
    if (ok()) check_numbers(numbers, trial_);
  }

  bool ok() const { return trial_.code.value == 0; }

 private:
  void step(const char* name, CuResult code) {
    trial_.code = {code, ""};
    trial_.step = name;
  }

  const CudaDriver& cuda_;
  ImageTrial& trial_;
  Handle module_ = nullptr;
};

ImageTrial try_image(const CudaDriver& cuda, const SmokeImage& image, std::int64_t cc, const Output& output) {
  ImageTrial trial;
  trial.name = image.name;
  trial.ptx = image.ptx;
  trial.fits = image_fits(image.architecture, image.ptx, cc);
  trial.right = missing<bool>("it did not run");
  trial.code = missing<std::int64_t>("for another architecture");
  if (trial.fits) LoadedImage(cuda, image, trial).run_smoke(output);
  return trial;
}

/// NVML's view of the GPU while it works.
class LoadReader {
 public:
  LoadReader(const SymbolSource& symbols, const char* pci_bus_id) : session_(symbols, symbols ? "" : "not loaded") {
    std::string error;  // what is not read has its reason already
    if (session_.ready()) device_ = session_.by_pci_bus_id(pci_bus_id, error);
  }

  // The best that was seen: the first readings may still be of the idle state.
  void read(GpuTrial& trial) const {
    if (!device_) return;
    const nvml::Api& api = session_.api();
    const auto keep = [](auto& fact, const Fact<std::int64_t>& read, double unit) {
      if (!read.value) return;
      using Value = typename std::decay_t<decltype(fact.value)>::value_type;
      const auto seen = static_cast<Value>(static_cast<double>(*read.value) * unit);
      fact = {std::max(fact.value.value_or(seen), seen), ""};
    };
    keep(trial.pcie_generation, api.number<unsigned>("nvmlDeviceGetCurrPcieLinkGeneration", device_), 1);
    keep(trial.pcie_width, api.number<unsigned>("nvmlDeviceGetCurrPcieLinkWidth", device_), 1);
    keep(trial.sm_clock_hz, api.number<unsigned>("nvmlDeviceGetClockInfo", device_, nvml::Clock::sm), nvml::mega);
    keep(trial.memory_clock_hz, api.number<unsigned>("nvmlDeviceGetClockInfo", device_, nvml::Clock::memory),
         nvml::mega);
    const Fact<std::int64_t> reasons = api.clocks_event_reasons(device_);
    if (reasons.value) trial.clocks_event_reasons = reasons;
  }

 private:
  nvml::Session session_;
  nvml::Handle device_ = nullptr;
};

/// Keeps the SMs and the link busy at once, and reads clocks and link meanwhile.
class Load {
 public:
  explicit Load(const CudaDriver& cuda) : cuda_(cuda) {
    ready_ = cuda.call("cuStreamCreate", &compute_, 0U) == 0 && cuda.call("cuStreamCreate", &copies_, 0U) == 0 &&
             cuda.call("cuMemHostAlloc", &host_, copy_bytes, 0U) == 0 &&
             cuda.call("cuMemAlloc_v2", &device_, copy_bytes) == 0;
  }
  ~Load() {
    if (device_) cuda_.call("cuMemFree_v2", device_);
    if (host_) cuda_.call("cuMemFreeHost", host_);
    if (copies_) cuda_.call("cuStreamDestroy_v2", copies_);
    if (compute_) cuda_.call("cuStreamDestroy_v2", compute_);
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  /// `spin`: the busy kernel; null where no image has one, and then only copies run.
  void run(Handle spin, unsigned blocks, Address scratch, const LoadReader& reader, GpuTrial& trial) {
    if (!ready_) return;
    long long cycles = 10'000'000;  // 5 to 10 ms: the queue is never long when the time is over
    std::array<void*, 2> arguments{&scratch, &cycles};
    const auto begin = Clock::now();
    double copying_s = 0;
    std::size_t copied = 0;
    while (Clock::now() - begin < load_time) {
      if (spin && cuda_.call("cuLaunchKernel", spin, blocks, 1U, 1U, threads, 1U, 1U, 0U, compute_, arguments.data(),
                             static_cast<void**>(nullptr)) != 0) {
        return;
      }
      const auto copies_begin = Clock::now();
      for (int i = 0; i < copies_a_round; ++i) {
        if (cuda_.call("cuMemcpyHtoDAsync_v2", device_, static_cast<const void*>(host_), copy_bytes, copies_) != 0)
          return;
      }
      reader.read(trial);
      if (cuda_.call("cuStreamSynchronize", copies_) != 0) return;
      copying_s += std::chrono::duration<double>(Clock::now() - copies_begin).count();
      copied += copies_a_round * copy_bytes;
      if (cuda_.call("cuStreamSynchronize", compute_) != 0) return;
    }
    trial.host_to_device_bytes_per_s = {static_cast<double>(copied) / copying_s, ""};
  }

 private:
  const CudaDriver& cuda_;
  bool ready_ = false;
  Handle compute_ = nullptr, copies_ = nullptr;
  void* host_ = nullptr;
  Address device_ = 0;
};

void try_load(const CudaDriver& cuda, const SymbolSource& nvml, int device, std::span<const SmokeImage> images,
              const Output& output, GpuTrial& trial) {
  std::array<char, 64> bus_id{};
  if (cuda.call("cuDeviceGetPCIBusId", bus_id.data(), static_cast<int>(bus_id.size()) - 1, device) != 0) return;
  const LoadReader reader(nvml, bus_id.data());
  for (std::size_t i = 0; i < images.size() && i < trial.images.size(); ++i) {
    if (!trial.images[i].works()) continue;
    ImageTrial again;
    LoadedImage image(cuda, images[i], again);
    const Handle spin = image.kernel("kernelgate_spin");
    Load(cuda).run(image.ok() ? spin : nullptr, output.count / threads, output.address, reader, trial);
    return;
  }
}

/// All in which a context is current.
void use_context(const CudaDriver& cuda, const SymbolSource& nvml, int device, std::span<const SmokeImage> images,
                 GpuTrial& trial) {
  const std::int64_t cc = device_attribute(cuda, CuDeviceAttribute::major, device) * 10 +
                          device_attribute(cuda, CuDeviceAttribute::minor, device);
  const std::int64_t sm_count = std::max<std::int64_t>(device_attribute(cuda, CuDeviceAttribute::sm_count, device), 1);
  Output output;
  output.count = static_cast<std::uint32_t>(sm_count) * blocks_per_sm * threads;
  trial.memory_code = {cuda.call("cuMemAlloc_v2", &output.address, std::size_t{output.count} * sizeof poison), ""};
  if (trial.memory_code.value != 0) return;
  for (const SmokeImage& image : images) trial.images.push_back(try_image(cuda, image, cc, output));
  try_load(cuda, nvml, device, images, output, trial);
  cuda.call("cuMemFree_v2", output.address);
}

}  // namespace

std::int64_t GpuTrial::failed_code() const {
  if (context_code.value.value_or(0) != 0) return *context_code.value;
  return memory_code.value.value_or(0);
}

bool image_fits(std::string_view architecture, bool ptx, std::int64_t compute_capability) {
  std::int64_t number = 0;
  const char* end = architecture.data() + architecture.size();
  const auto [stop, error] = std::from_chars(architecture.data(), end, number);
  if (error != std::errc{}) return false;
  if (stop != end && *stop == 'a') return number == compute_capability;
  if (ptx) return number <= compute_capability;
  return number / 10 == compute_capability / 10 && number <= compute_capability;
}

void try_gpu(const SymbolSource& cuda_symbols, const SymbolSource& nvml_symbols, int ordinal,
             std::span<const SmokeImage> images, GpuTrial& trial) {
  const CudaDriver cuda(cuda_symbols);
  int device = 0;
  Handle context = nullptr;
  CuResult code = cuda.call("cuInit", 0U);
  if (code == 0) code = cuda.call("cuDeviceGet", &device, ordinal);
  if (code == 0) code = cuda.call("cuDevicePrimaryCtxRetain", &context, device);
  if (code == 0) code = cuda.call("cuCtxSetCurrent", context);
  trial.context_code = {code, ""};
  if (code != 0) return;
  use_context(cuda, nvml_symbols, device, images, trial);
  cuda.call("cuDevicePrimaryCtxRelease_v2", device);
}

nlohmann::json to_json(const GpuTrial& trial) {
  nlohmann::json images = nlohmann::json::array();
  for (const ImageTrial& image : trial.images) {
    images.push_back({{"name", image.name},
                      {"ptx", image.ptx},
                      {"fits", image.fits},
                      {"code", fact_json(image.code)},
                      {"step", image.step},
                      {"log", image.log},
                      {"right", fact_json(image.right)},
                      {"wrong", image.wrong}});
  }
  return {{"probe_error", trial.probe_error},
          {"context_code", fact_json(trial.context_code)},
          {"memory_code", fact_json(trial.memory_code)},
          {"images", images},
          {"pcie_generation", fact_json(trial.pcie_generation)},
          {"pcie_width", fact_json(trial.pcie_width)},
          {"sm_clock_hz", fact_json(trial.sm_clock_hz)},
          {"memory_clock_hz", fact_json(trial.memory_clock_hz)},
          {"clocks_event_reasons", fact_json(trial.clocks_event_reasons)},
          {"host_to_device_bytes_per_s", fact_json(trial.host_to_device_bytes_per_s)}};
}

GpuTrial gpu_trial_from_json(const nlohmann::json& document) {
  GpuTrial trial;
  trial.probe_error = document.at("probe_error");
  trial.context_code = fact_from_json<std::int64_t>(document.at("context_code"));
  trial.memory_code = fact_from_json<std::int64_t>(document.at("memory_code"));
  for (const nlohmann::json& entry : document.at("images")) {
    ImageTrial image;
    image.name = entry.at("name");
    image.ptx = entry.at("ptx");
    image.fits = entry.at("fits");
    image.code = fact_from_json<std::int64_t>(entry.at("code"));
    image.step = entry.at("step");
    image.log = entry.at("log");
    image.right = fact_from_json<bool>(entry.at("right"));
    image.wrong = entry.at("wrong");
    trial.images.push_back(image);
  }
  trial.pcie_generation = fact_from_json<std::int64_t>(document.at("pcie_generation"));
  trial.pcie_width = fact_from_json<std::int64_t>(document.at("pcie_width"));
  trial.sm_clock_hz = fact_from_json<double>(document.at("sm_clock_hz"));
  trial.memory_clock_hz = fact_from_json<double>(document.at("memory_clock_hz"));
  trial.clocks_event_reasons = fact_from_json<std::int64_t>(document.at("clocks_event_reasons"));
  trial.host_to_device_bytes_per_s = fact_from_json<double>(document.at("host_to_device_bytes_per_s"));
  return trial;
}

}  // namespace kernelgate
