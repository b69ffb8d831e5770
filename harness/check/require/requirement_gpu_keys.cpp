// The keys that concern every GPU that CUDA sees.
#include "harness/check/require/requirement_gpu_keys.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <type_traits>

#include "harness/check/machine/evidence.h"
#include "harness/check/require/requirement_values.h"

namespace kernelgate {
namespace {

using Ordering = std::partial_ordering;

KeyAnswer unknown_of_gpu(const std::string& reason) { return {std::nullopt, "unknown: " + reason}; }
Ordering equal_or_not(bool equal) { return equal ? Ordering::equivalent : Ordering::unordered; }

bool valid_switch(const std::string& value) { return value == "on" || value == "off"; }
bool valid_count(const std::string& value) { return whole_number(value).has_value(); }
bool valid_bytes(const std::string& value) { return bytes_of(value).has_value(); }
// Without the characters of the grammar, so that a requirement's text reads back as the same requirement.
bool valid_text(const std::string& value) {
  const auto plain = [](char c) {
    return c >= ' ' && c <= '~' && std::string_view("<>=!|,").find(c) == std::string_view::npos;
  };
  return !value.empty() && value.size() <= 64 && std::ranges::all_of(value, plain);
}

template <KeyAnswer (*Compare)(const Gpu&, const std::string&)>
std::vector<KeyAnswer> each_gpu(const Environment& environment, const RequirementContext&, const std::string& value) {
  std::vector<KeyAnswer> all;
  for (const Gpu& gpu : environment.gpus) {
    if (!gpu.cuda_ordinal.value) continue;
    all.push_back(Compare(gpu, value));
    all.back().of = gpu_label(gpu);
  }
  if (all.empty()) all.push_back(unknown_of_gpu("CUDA sees no GPU"));
  return all;
}

KeyAnswer name(const Gpu& gpu, const std::string& value) {
  if (!gpu.name.value) return unknown_of_gpu(gpu.name.reason);
  const auto same = [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); };
  const std::string& actual = *gpu.name.value;
  return {equal_or_not(std::search(actual.begin(), actual.end(), value.begin(), value.end(), same) != actual.end()),
          actual};
}

KeyAnswer vbios(const Gpu& gpu, const std::string& value) {
  if (!gpu.vbios.value) return unknown_of_gpu(gpu.vbios.reason);
  return {equal_or_not(*gpu.vbios.value == value), *gpu.vbios.value};
}

KeyAnswer compute_capability(const Gpu& gpu, const std::string& value) {
  if (!gpu.compute_capability.value) return unknown_of_gpu(gpu.compute_capability.reason);
  const std::string actual = compute_capability_text(*gpu.compute_capability.value);
  const std::optional<Version> is = Version::parse(actual), wanted = Version::parse(value);
  if (!is || !wanted) return unknown_of_gpu(actual + " is no compute capability");
  return {*is <=> *wanted, actual};
}

template <Fact<std::int64_t> Gpu::*Member>
KeyAnswer bytes(const Gpu& gpu, const std::string& value) {
  const Fact<std::int64_t>& fact = gpu.*Member;
  if (!fact.value) return unknown_of_gpu(fact.reason);
  const double size = static_cast<double>(*fact.value);
  return {size <=> *bytes_of(value), fmt::format("{:.2f} GiB", size / 0x1p30)};
}

template <Fact<std::int64_t> Gpu::*Member>
KeyAnswer number(const Gpu& gpu, const std::string& value) {
  const Fact<std::int64_t>& fact = gpu.*Member;
  if (!fact.value) return unknown_of_gpu(fact.reason);
  return {*fact.value <=> std::int64_t{*whole_number(value)}, std::to_string(*fact.value)};
}

template <Fact<bool> Gpu::*Member>
KeyAnswer switched(const Gpu& gpu, const std::string& value) {
  const Fact<bool>& fact = gpu.*Member;
  if (!fact.value) return unknown_of_gpu(fact.reason);
  return {equal_or_not(*fact.value == (value == "on")), *fact.value ? "on" : "off"};
}

KeyAnswer temperature(const Gpu& gpu, const std::string& value) {
  if (!gpu.temperature_c.value) return unknown_of_gpu(gpu.temperature_c.reason);
  return {static_cast<double>(*gpu.temperature_c.value) <=> *celsius_of(value),
          fmt::format("{} C", *gpu.temperature_c.value)};
}

// NVML counts in milliwatts; half a watt is the rounding of the board, not a limit that somebody set.
KeyAnswer power_limit(const Gpu& gpu, const std::string& value) {
  const Fact<double>& limit = gpu.power_limit_w;
  if (!limit.value) return unknown_of_gpu(limit.reason);
  const std::string actual =
      fmt::format("{:.0f} W of {}", *limit.value,
                  gpu.power_limit_default_w.value ? fmt::format("{:.0f} W by default", *gpu.power_limit_default_w.value)
                                                  : "unknown default");
  if (value == "default" && !gpu.power_limit_default_w.value) return unknown_of_gpu(gpu.power_limit_default_w.reason);
  const double wanted = value == "default" ? *gpu.power_limit_default_w.value : *watts_of(value);
  const double difference = *limit.value - wanted;
  return {difference > 0.5 ? Ordering::greater : difference < -0.5 ? Ordering::less : Ordering::equivalent, actual};
}

constexpr std::array<const char*, 4> compute_modes = {"default", "exclusive_thread", "prohibited", "exclusive_process"};

KeyAnswer compute_mode(const Gpu& gpu, const std::string& value) {
  const Fact<std::int64_t>& mode = gpu.compute_mode;
  if (!mode.value) return unknown_of_gpu(mode.reason);
  const bool known = *mode.value >= 0 && *mode.value < static_cast<std::int64_t>(compute_modes.size());
  if (!known) return unknown_of_gpu(fmt::format("mode {}", *mode.value));
  const std::string actual = compute_modes[static_cast<std::size_t>(*mode.value)];
  return {equal_or_not(actual == value), actual};
}

// A field by its name: those read under load are there only where something loads the link.
Fact<std::int64_t> integer_named(const Gpu& gpu, std::string_view wanted) {
  Fact<std::int64_t> found{std::nullopt, "not read"};
  for_each_gpu_field([&](const char* field, auto member) {
    if constexpr (std::is_same_v<decltype(gpu.*member), const Fact<std::int64_t>&>) {
      if (wanted == field) found = gpu.*member;
    }
  });
  return found;
}

// Judged by the most that GPU and slot can do together: at idle a link rests at generation 1, which is no
// fault. Where the link was read under load, that must reach it, too.
KeyAnswer pcie(const Gpu& gpu, const std::string& value) {
  const auto [generation, lanes] = *pcie_of(value);
  const Fact<std::int64_t>&most_gen = gpu.pcie_generation_max, &most_width = gpu.pcie_width_max;
  if (!most_gen.value) return unknown_of_gpu(most_gen.reason);
  if (!most_width.value) return unknown_of_gpu(most_width.reason);
  const auto shown = [](const Fact<std::int64_t>& fact) {
    return fact.value ? std::to_string(*fact.value) : std::string("?");
  };
  std::string actual = fmt::format("at most gen {} x{}, now gen {} x{}", *most_gen.value, *most_width.value,
                                   shown(gpu.pcie_generation), shown(gpu.pcie_width));
  bool enough = *most_gen.value >= generation && *most_width.value >= lanes;
  const Fact<std::int64_t> loaded_gen = integer_named(gpu, "pcie_generation_loaded");
  const Fact<std::int64_t> loaded_width = integer_named(gpu, "pcie_width_loaded");
  if (loaded_gen.value && loaded_width.value) {
    actual += fmt::format(", under load gen {} x{}", *loaded_gen.value, *loaded_width.value);
    enough = enough && *loaded_gen.value >= generation && *loaded_width.value >= lanes;
  }
  return {enough ? Ordering::greater : Ordering::less, actual};
}

const RequirementKey gpu_keys[] = {
    {"gpu", Relations::equality, "gpu=NVIDIA H200", valid_text, each_gpu<name>},
    {"cc", Relations::ordered, "cc>=8.0", [](const std::string& v) { return two_fields(v).has_value(); },
     each_gpu<compute_capability>},
    {"vram", Relations::ordered, "vram>=16GiB", valid_bytes, each_gpu<bytes<&Gpu::memory_bytes>>},
    {"vram_free", Relations::ordered, "vram_free>=16GiB", valid_bytes, each_gpu<bytes<&Gpu::memory_free_bytes>>},
    {"sms", Relations::ordered, "sms>=132", valid_count, each_gpu<number<&Gpu::sm_count>>},
    {"ecc", Relations::equality, "ecc=on", valid_switch, each_gpu<switched<&Gpu::ecc>>},
    {"mig", Relations::equality, "mig=off", valid_switch, each_gpu<switched<&Gpu::mig>>},
    {"persistence", Relations::equality, "persistence=on", valid_switch, each_gpu<switched<&Gpu::persistence>>},
    {"compute_mode", Relations::equality, "compute_mode=default",
     [](const std::string& v) { return std::ranges::find(compute_modes, v) != compute_modes.end(); },
     each_gpu<compute_mode>},
    {"pcie", Relations::at_least, "pcie=5x16", [](const std::string& v) { return pcie_of(v).has_value(); },
     each_gpu<pcie>},
    {"power_limit", Relations::ordered, "power_limit>=700W",
     [](const std::string& v) { return v == "default" || watts_of(v).has_value(); }, each_gpu<power_limit>},
    {"temperature", Relations::ordered, "temperature<=85C",
     [](const std::string& v) { return celsius_of(v).has_value(); }, each_gpu<temperature>},
    {"processes", Relations::ordered, "processes=0", valid_count, each_gpu<number<&Gpu::other_processes>>},
    {"vbios", Relations::equality, "vbios=96.00.A5.00.01", valid_text, each_gpu<vbios>},
};

}  // namespace

std::span<const RequirementKey> requirement_gpu_keys() { return gpu_keys; }

}  // namespace kernelgate
