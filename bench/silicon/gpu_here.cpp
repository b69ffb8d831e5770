#include "bench/silicon/gpu_here.h"

#include <chrono>
#include <fstream>
#include <iterator>
#include <regex>

#include <nlohmann/json.hpp>

#include "bench/run/devices.h"
#include "harness/base/process/child_process.h"

namespace kernelgate::silicon {
namespace {

constexpr std::chrono::seconds start_limit{60};

std::string ask(int ordinal) {
  std::string reason;
  const auto device = cuda_device(ordinal, reason);
  if (!device) return nlohmann::json{{"reason", reason}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return nlohmann::json{{"name", device->name},
                        {"compute_capability", device->compute_capability},
                        {"multiprocessors", device->multiprocessors},
                        {"shared_bytes", device->shared_bytes_per_block},
                        {"l2_bytes", device->l2_bytes},
                        {"flop_per_s", device->flop_per_s},
                        {"bytes_per_s", device->bytes_per_s}}
      .dump();
}

// "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build ..."
std::string driver_version() {
  std::ifstream in("/proc/driver/nvidia/version");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  std::smatch found;
  return std::regex_search(text, found, std::regex(R"(\s(\d+\.\d+(\.\d+)?)\s)")) ? found[1].str() : "";
}

}  // namespace

GpuHere gpu_here(int ordinal) {
  GpuHere here;
  const ChildAnswer answer = run_in_child([&] { return ask(ordinal); }, start_limit);
  if (!answer.error.empty()) {
    here.reason = "asking CUDA for its GPUs: " + answer.error;
    return here;
  }
  const auto told = nlohmann::json::parse(answer.text, nullptr, false);
  if (told.contains("reason")) {
    here.reason = told["reason"].get<std::string>();
    return here;
  }
  Device& device = here.device;
  device.kind = DeviceKind::cuda;
  device.ordinal = ordinal;
  device.name = told["name"].get<std::string>();
  device.compute_capability = told["compute_capability"];
  device.multiprocessors = told["multiprocessors"];
  device.shared_bytes_per_block = told["shared_bytes"];
  device.l2_bytes = told["l2_bytes"];
  device.flop_per_s = told["flop_per_s"];
  device.bytes_per_s = told["bytes_per_s"];
  here.driver = driver_version();
  return here;
}

GpuHere no_gpu_but_executor() { return {simt_device(), "", ""}; }

}  // namespace kernelgate::silicon
