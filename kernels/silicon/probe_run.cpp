#include "kernels/silicon/probe_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "kernels/op/bf16.h"
#include "kernels/op/error.h"
#include "kernels/op/f16.h"
#include "kernels/op/memory.h"
#include "kernels/silicon/probe_inputs.h"

namespace kernelgate::silicon {
namespace {

std::size_t element_bytes(const Probe& probe) {
  switch (probe.outputs) {
    case Outputs::f16:
    case Outputs::bf16:
      return 2;
    case Outputs::f32:
      return 4;
    case Outputs::bits:
      return probe.output_bytes % 4 == 0 ? 4 : 1;
  }
  return 1;
}

std::uint32_t element(std::span<const std::byte> bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, size);
  return value;
}

float number(Outputs kind, std::uint32_t bits) {
  if (kind == Outputs::f16) return to_float(f16{static_cast<std::uint16_t>(bits)});
  if (kind == Outputs::bf16) return to_float(bf16{static_cast<std::uint16_t>(bits)});
  return std::bit_cast<float>(bits);
}

bool agree(const Probe& probe, std::uint32_t executor, std::uint32_t gpu) {
  if (executor == gpu) return true;
  if (probe.outputs == Outputs::bits) return false;
  const double a = number(probe.outputs, executor), b = number(probe.outputs, gpu);
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  if (std::isinf(a) || std::isinf(b)) return false;  // equal ones have equal bits
  return probe.outputs == Outputs::f32 && (probe.tolerance.absolute > 0 || probe.tolerance.relative > 0) &&
         std::abs(a - b) <= probe.tolerance.absolute + probe.tolerance.relative * std::abs(a);
}

std::string text(const Probe& probe, std::uint32_t bits, std::size_t size) {
  const std::string hex = fmt::format("0x{:0{}x}", bits, 2 * size);
  return probe.outputs == Outputs::bits ? hex : fmt::format("{:.9g} ({})", number(probe.outputs, bits), hex);
}

}  // namespace

std::vector<Probe> probes_of(DeviceKind device) {
  std::vector<Probe> all;
  for (const Probe& probe : probes())
    if (probe.device == device) all.push_back(probe);
  std::ranges::sort(all, {}, &Probe::name);
  const auto twice = std::ranges::adjacent_find(all, {}, &Probe::name);
  if (twice != all.end()) throw Error("two probes are named " + twice->name + "; rename one");
  return all;
}

std::string why_not(const Needs& needs, const Device& gpu) {
  const int has = gpu.compute_capability, least = needs.compute_capability;
  if (needs.that_alone ? has == least : has >= least) return {};
  return fmt::format("needs compute capability {}.{}{}, and this GPU has {}.{}", least / 10, least % 10,
                     needs.that_alone ? " itself" : "", has / 10, has % 10);
}

std::vector<std::byte> run_probe(const Probe& probe, const Device& device, std::uint64_t seed) {
  const std::vector<std::byte> made = make_inputs(probe.inputs, probe.input_bytes, seed);
  const GuardedTensor in(device, probe.input_bytes), out(device, probe.output_bytes);
  in.poison();
  out.poison();
  in.upload(made);
  probe.launch(in.data(), out.data(), nullptr);
  synchronize(device);
  if (!in.guards_intact() || !out.guards_intact())
    throw Error(probe.name + " wrote outside its outputs on " + std::string(to_string(device.kind)));
  return out.download();
}

std::optional<Difference> compare(const Probe& probe, std::span<const std::byte> executor,
                                  std::span<const std::byte> gpu) {
  const std::size_t size = element_bytes(probe), all = std::min(executor.size(), gpu.size()) / size;
  Difference difference{0, all, 0, {}, {}};
  for (std::size_t i = 0; i < all; ++i) {
    const std::uint32_t a = element(executor, i * size, size), b = element(gpu, i * size, size);
    if (agree(probe, a, b)) continue;
    if (difference.elements++ > 0) continue;
    difference.at = i * size;
    difference.executor = text(probe, a, size);
    difference.gpu = text(probe, b, size);
  }
  if (executor.size() != gpu.size()) {
    if (difference.elements++ == 0) difference.at = all * size;
    difference.executor += fmt::format("{}{} bytes", difference.executor.empty() ? "" : ", ", executor.size());
    difference.gpu += fmt::format("{}{} bytes", difference.gpu.empty() ? "" : ", ", gpu.size());
  }
  if (difference.elements == 0) return std::nullopt;
  return difference;
}

}  // namespace kernelgate::silicon
