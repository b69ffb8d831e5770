// The ways to the host and to the other GPUs.
#include <algorithm>

#include "harness/accept/judge/judge.h"
#include "harness/accept/judge/test_makers.h"

namespace kernelgate::accept {
namespace {

std::string why_missing(const Links& links, const std::string& reason) {
  return links.error.empty() ? reason : "its process ended: " + links.error;
}

/// The link as it is under load beside what GPU and slot can do.
Tested judge_trained(const Measured& gpu) {
  const Links& links = gpu.links;
  Tested test = make_test(gpu.gpu, "link.trained", "PCIe link", "pcie_link");
  test.seconds = links.seconds;
  if (!links.generation.value || !links.width.value)
    return not_tested(std::move(test), why_missing(links, links.width.reason));
  const auto most = [](const Fact<std::int64_t>& together, const Fact<std::int64_t>& alone) {
    return std::max(together.value.value_or(0), alone.value.value_or(0));
  };
  const std::int64_t generation = most(links.generation_max, links.generation_gpu_max);
  const std::int64_t width = most(links.width_max, links.width_gpu_max);
  if (width == 0) return not_tested(std::move(test), links.width_max.reason);
  test.value = {static_cast<double>(*links.width.value), ""};
  test.least = {static_cast<double>(width), ""};
  test.unit = "lanes";
  // A slot of an older generation than the GPU's is how the server was built; fewer lanes never are.
  const std::int64_t wanted_generation = links.generation_max.value.value_or(generation);
  return decided(std::move(test), *links.width.value >= width && *links.generation.value >= wanted_generation,
                 fmt::format("generation {} x{} under load; GPU and slot can do generation {} x{}",
                             *links.generation.value, *links.width.value, wanted_generation, width));
}

Tested judge_host(const Measured& gpu, const char* id, const char* title, const Fact<double>& rate) {
  const Links& links = gpu.links;
  Tested test = make_test(gpu.gpu, id, title, "pcie_share");
  test.seconds = links.seconds;
  if (!rate.value) return not_tested(std::move(test), why_missing(links, rate.reason));
  const double peak = pcie_bytes_per_s(static_cast<int>(links.generation.value.value_or(0)),
                                       static_cast<int>(links.width.value.value_or(0)));
  if (peak == 0)
    return not_tested(std::move(test), fmt::format("{:.1f} GB/s, but the link's generation and width are not known: {}",
                                                   *rate.value / 1e9, links.generation.reason));
  return judged_rate(std::move(test), *rate.value, peak,
                     fmt::format("PCIe {} x{}", *links.generation.value, *links.width.value), links.other_processes);
}

/// The slowest way to another GPU.
Tested judge_peers(const Measured& gpu) {
  const Links& links = gpu.links;
  Tested test = make_test(gpu.gpu, "link.peer", "Copies to other GPUs", "nvlink_share");
  test.seconds = links.seconds;
  if (!links.error.empty()) return not_tested(std::move(test), why_missing(links, ""));
  if (links.peers.empty()) return not_tested(std::move(test), "there is no other GPU");
  const Peer* slowest = nullptr;
  for (const Peer& peer : links.peers) {
    if (!peer.bytes_per_s.value)
      return not_tested(std::move(test), fmt::format("to GPU {}: {}", peer.gpu, peer.bytes_per_s.reason));
    if (!slowest || *peer.bytes_per_s.value < *slowest->bytes_per_s.value) slowest = &peer;
  }
  const std::int64_t active = links.nvlinks.value.value_or(0);
  if (active > 0 && links.nvlink_bytes_per_s.value)
    return judged_rate(
        std::move(test), *slowest->bytes_per_s.value, static_cast<double>(active) * *links.nvlink_bytes_per_s.value,
        fmt::format("{} active NVLinks; the slowest, to GPU {}", active, slowest->gpu), links.other_processes);
  test.threshold = "";
  return not_tested(std::move(test), fmt::format("{:.1f} GB/s at the least, to GPU {}, and no threshold: {}",
                                                 *slowest->bytes_per_s.value / 1e9, slowest->gpu,
                                                 links.nvlinks.value ? "no NVLink is active" : links.nvlinks.reason));
}

}  // namespace

Tests judge_links(const Measured& gpu) {
  return {judge_trained(gpu), judge_host(gpu, "link.host_to_device", "Copies from the host", gpu.links.host_to_device),
          judge_host(gpu, "link.device_to_host", "Copies to the host", gpu.links.device_to_host), judge_peers(gpu)};
}

}  // namespace kernelgate::accept
