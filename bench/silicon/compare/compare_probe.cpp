#include "bench/silicon/compare/compare_probe.h"

#include <algorithm>
#include <tuple>

#include "bench/run/devices.h"
#include "kernels/op/memory.h"
#include "kernels/silicon/probe_run.h"
#include "kernels/simt/host/settings.h"

namespace kernelgate::silicon {
namespace {

using Json = nlohmann::ordered_json;

// Another seed of the executor in the GPU's place, which stands for its other order of threads.
constexpr std::uint64_t rehearsal_seed = 2;

std::vector<std::byte> on_other(const Probe& probe, const Device& device, std::uint64_t seed) {
  const std::uint64_t before = simt::seed();
  if (device.kind == DeviceKind::simt) simt::set_seed(rehearsal_seed);
  auto bytes = run_probe(probe, device, seed);
  simt::set_seed(before);
  return bytes;
}

bool still_works(const Device& device) {
  try {
    synchronize(device);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace

std::vector<ProbePair> probe_pairs(bool rehearsal) {
  std::vector<ProbePair> pairs;
  const auto others = probes_of(rehearsal ? DeviceKind::simt : DeviceKind::cuda);
  for (const Probe& probe : probes_of(DeviceKind::simt)) {
    const auto other = std::ranges::lower_bound(others, probe.name, {}, &Probe::name);
    if (other != others.end() && other->name == probe.name) pairs.push_back({probe, *other});
  }
  std::ranges::stable_sort(pairs, std::greater{}, [](const ProbePair& pair) {
    return std::tuple(pair.executor.needs.that_alone, pair.executor.needs.compute_capability);
  });
  return pairs;
}

Json compare_probe(const ProbePair& pair, const Device& device, std::uint64_t seed, bool& usable) {
  Json line{{"probe", pair.executor.name}, {"outcome", "same"}};
  std::vector<std::byte> expected, given;
  try {
    expected = run_probe(pair.executor, simt_device(), seed);
  } catch (const std::exception& e) {
    line["outcome"] = "executor_error";
    line["text"] = e.what();
    return line;
  }
  try {
    given = on_other(pair.other, device, seed);
  } catch (const std::exception& e) {
    line["outcome"] = "gpu_error";
    line["text"] = e.what();
    usable = still_works(device);
    return line;
  }
  if (const auto difference = compare(pair.executor, expected, given)) {
    line["outcome"] = "different";
    line["at"] = difference->at;
    line["executor"] = difference->executor;
    line["gpu"] = difference->gpu;
    line["elements"] = difference->elements;
    line["of"] = difference->of;
  }
  return line;
}

}  // namespace kernelgate::silicon
