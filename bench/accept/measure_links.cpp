// Copies between the host and a GPU, and from GPU to GPU, by the copy engines.
#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "bench/accept/driver_gpu.h"
#include "bench/accept/worker.h"
#include "harness/accept/fields_json.h"
#include "harness/base/printable.h"
#include "harness/check/machine/nvml.h"

namespace kernelgate::accept {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_copy_bytes = std::size_t{256} << 20;
constexpr int copies = 16;        // of 256 MB: 75 ms at 55 GB/s
constexpr int tries = 5;          // the best counts: what else the machine does can only slow it down
constexpr int most_nvlinks = 18;  // NVML_NVLINK_MAX_LINKS

class LinkWork {
 public:
  explicit LinkWork(const WorkerOptions& options)
      : options_(options),
        gpu_(opened(options.cuda_library), options.gpu),
        nvml_symbols_(open_symbols(nvml_error_, options.nvml_library.c_str())),
        nvml_(nvml_symbols_, nvml_error_),
        bytes_(std::min(most_copy_bytes, gpu_.free_bytes() / 8) & ~std::size_t{4095}) {
    if (nvml_.ready()) device_ = nvml_.by_pci_bus_id(gpu_.pci_bus_id(), nvml_error_);
  }

  void run(const SayLine& say) {
    const auto begin = Clock::now();
    measure_host();
    say_all(say);
    measure_peers();
    links_.done = true;
    links_.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    say_all(say);
  }

 private:
  void say_all(const SayLine& say) const { say(line_of(json_of(links_))); }

  Fact<std::int64_t> ask(const char* function) const {
    if (!device_) return missing<std::int64_t>(nvml_error_);
    return nvml_.api().number<unsigned>(function, device_);
  }

  /// While copies run: an idle link rests at generation 1.
  void read_link() {
    const auto keep = [](Fact<std::int64_t>& fact, const Fact<std::int64_t>& read) {
      if (!fact.value || (read.value && *read.value > *fact.value)) fact = read;
    };
    keep(links_.generation, ask("nvmlDeviceGetCurrPcieLinkGeneration"));
    keep(links_.width, ask("nvmlDeviceGetCurrPcieLinkWidth"));
    note_others();
  }

  void note_others() {
    if (!device_) return;
    const auto there = nvml_.api().processes("nvmlDeviceGetComputeRunningProcesses_v3", device_);
    links_.other_processes = std::max(links_.other_processes, other_processes({&there}));
  }

  template <class Copy>
  double best_rate(const TimedStream& stream, Copy&& copy) {
    double best = 0;
    for (int one = 0; one < tries; ++one) {
      options_.expect_to_go_on();
      stream.begin();
      for (int i = 0; i < copies; ++i) copy(stream.stream());
      stream.end();
      read_link();
      best = std::max(best, copies * static_cast<double>(bytes_) / stream.wait());
    }
    return best;
  }

  void measure_host() {
    links_.generation_max = ask("nvmlDeviceGetMaxPcieLinkGeneration");
    links_.width_max = ask("nvmlDeviceGetMaxPcieLinkWidth");
    links_.generation_gpu_max = ask("nvmlDeviceGetGpuMaxPcieLinkGeneration");
    links_.width_gpu_max = missing<std::int64_t>("NVML does not tell");
    const GpuMemory there(gpu_, bytes_);
    const PinnedMemory here(gpu_, bytes_);
    const TimedStream stream(gpu_);
    links_.host_to_device = {best_rate(stream,
                                       [&](void* on) {
                                         gpu_.call("cuMemcpyHtoDAsync_v2", there.address(),
                                                   static_cast<const void*>(here.data()), bytes_, on);
                                       }),
                             ""};
    links_.device_to_host = {
        best_rate(stream,
                  [&](void* on) { gpu_.call("cuMemcpyDtoHAsync_v2", here.data(), there.address(), bytes_, on); }),
        ""};
  }

  void read_nvlinks() {
    if (!device_) {
      links_.nvlinks.reason = links_.nvlink_bytes_per_s.reason = nvml_error_;
      return;
    }
    std::int64_t active = 0;
    nvml::Return last = nvml::success;
    for (unsigned link = 0; link < most_nvlinks; ++link) {
      unsigned on = 0;
      last = nvml_.api().call("nvmlDeviceGetNvLinkState", device_, link, &on);
      if (last == nvml::success)
        active += on;
      else if (link == 0)
        break;
    }
    links_.nvlinks = active > 0 || last == nvml::success || last == nvml::not_supported
                         ? Fact<std::int64_t>{active, ""}
                         : missing<std::int64_t>(nvml::reason_text(last));
    constexpr unsigned megabytes_per_s = 90;  // NVML_FI_DEV_NVLINK_SPEED_MBPS_COMMON
    links_.nvlink_bytes_per_s = nvml::scaled(nvml_.api().fields(device_, {megabytes_per_s}).front(), 1e6);
  }

  void measure_peers() {
    if (options_.gpus < 2) return;
    read_nvlinks();
    for (int other = 0; other < options_.gpus; ++other)
      if (other != options_.gpu) links_.peers.push_back({other, to_peer(other)});
  }

  Fact<double> to_peer(int other) {
    int can = 0, peer = 0;
    void* context = nullptr;
    gpu_.call("cuDeviceGet", &peer, other);
    gpu_.call("cuDeviceCanAccessPeer", &can, gpu_.device(), peer);
    if (can == 0) return missing<double>("the two can't reach each other's memory");
    if (const CuResult code = gpu_.try_call("cuDevicePrimaryCtxRetain", &context, peer); code != 0)
      return missing<double>(fmt::format("GPU {} could not be used (cuDevicePrimaryCtxRetain: {})", other, code));
    const Fact<double> rate = copy_to(context);
    gpu_.use();
    gpu_.try_call("cuDevicePrimaryCtxRelease_v2", peer);
    return rate;
  }

  Fact<double> copy_to(void* context) {
    // Without it the copy goes through the host.
    constexpr CuResult already = 704;  // CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED
    CuResult code = gpu_.try_call("cuCtxEnablePeerAccess", context, 0U);
    if (code != 0 && code != already) return missing<double>(fmt::format("cuCtxEnablePeerAccess: {}", code));
    gpu_.call("cuCtxSetCurrent", context);
    Address there = 0;
    code = gpu_.try_call("cuMemAlloc_v2", &there, bytes_);
    gpu_.use();
    if (code != 0) return missing<double>(fmt::format("no memory on the other GPU: {}", code));
    const GpuMemory here(gpu_, bytes_);
    const TimedStream stream(gpu_);
    const double rate =
        best_rate(stream, [&](void* on) { gpu_.call("cuMemcpyDtoDAsync_v2", there, here.address(), bytes_, on); });
    gpu_.call("cuCtxSetCurrent", context);
    gpu_.try_call("cuMemFree_v2", there);
    gpu_.use();
    return {rate, ""};
  }

  WorkerOptions options_;
  DriverGpu gpu_;
  std::string nvml_error_;
  SymbolSource nvml_symbols_;
  nvml::Session nvml_;
  nvml::Handle device_ = nullptr;
  std::size_t bytes_;
  Links links_;
};

}  // namespace

void measure_links(const WorkerOptions& options, const SayLine& say) {
  try {
    LinkWork(options).run(say);
  } catch (const std::exception& error) {
    say(line_of({{"error", error.what()}}));
  }
}

void take_line(const std::string& line, Links& links) {
  const nlohmann::json document = nlohmann::json::parse(line, nullptr, false);
  if (!document.is_object()) return;
  try {
    read_fields(document, links);
  } catch (const nlohmann::json::exception&) {
    links.error = "said what can't be read: " + printable(line, 200);
  }
}

}  // namespace kernelgate::accept
