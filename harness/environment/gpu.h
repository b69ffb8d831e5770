#pragma once
// One GPU as it was read: every field may be missing, and then says why.

#include <cstdint>
#include <string>

#include "harness/environment/environment.h"

namespace kernelgate {

/// Units  bytes, hertz, watts, degrees Celsius; compute_capability is major * 10 + minor.
struct Gpu {
  Fact<std::string> name, uuid, pci_bus_id, board_part_number, vbios, gsp_firmware;
  Fact<std::int64_t> cuda_ordinal;  ///< CUDA's number for it; missing: this process can't see it
  Fact<std::int64_t> compute_capability, sm_count, memory_bytes, memory_free_bytes, l2_bytes;
  Fact<bool> ecc, ecc_pending, mig, persistence;
  Fact<std::int64_t> compute_mode;  ///< 0 default, 1 exclusive thread, 2 prohibited, 3 exclusive process
  Fact<double> power_limit_w, power_limit_default_w;
  Fact<double> sm_clock_max_hz, memory_clock_max_hz, sm_clock_hz, memory_clock_hz;
  Fact<double> sm_clock_application_hz, memory_clock_application_hz;  ///< nvidia-smi -ac; the default where not set
  Fact<std::int64_t> temperature_c;
  Fact<std::int64_t> clocks_event_reasons;  ///< NVML's bits; 0x1 idle, 0x20 thermal, ...
  Fact<std::int64_t> pcie_generation, pcie_generation_max, pcie_width, pcie_width_max;
  Fact<std::int64_t> other_processes;  ///< compute processes on it besides this program
  Fact<std::int64_t> recovery_action;  ///< 0 none, 1 reset, 2 reboot, 3 drain P2P, 4 drain and reset, 5 IMEX
  Fact<std::int64_t> fabric_state;     ///< 0 no fabric, 1 not started, 2 in progress, 3 completed
};

/// Calls visit(name, pointer to member) for every field: JSON, merging and tests need no second list.
template <class Visit>
void for_each_gpu_field(Visit&& visit) {
  visit("name", &Gpu::name);
  visit("uuid", &Gpu::uuid);
  visit("pci_bus_id", &Gpu::pci_bus_id);
  visit("board_part_number", &Gpu::board_part_number);
  visit("vbios", &Gpu::vbios);
  visit("gsp_firmware", &Gpu::gsp_firmware);
  visit("cuda_ordinal", &Gpu::cuda_ordinal);
  visit("compute_capability", &Gpu::compute_capability);
  visit("sm_count", &Gpu::sm_count);
  visit("memory_bytes", &Gpu::memory_bytes);
  visit("memory_free_bytes", &Gpu::memory_free_bytes);
  visit("l2_bytes", &Gpu::l2_bytes);
  visit("ecc", &Gpu::ecc);
  visit("ecc_pending", &Gpu::ecc_pending);
  visit("mig", &Gpu::mig);
  visit("persistence", &Gpu::persistence);
  visit("compute_mode", &Gpu::compute_mode);
  visit("power_limit_w", &Gpu::power_limit_w);
  visit("power_limit_default_w", &Gpu::power_limit_default_w);
  visit("sm_clock_max_hz", &Gpu::sm_clock_max_hz);
  visit("memory_clock_max_hz", &Gpu::memory_clock_max_hz);
  visit("sm_clock_hz", &Gpu::sm_clock_hz);
  visit("memory_clock_hz", &Gpu::memory_clock_hz);
  visit("sm_clock_application_hz", &Gpu::sm_clock_application_hz);
  visit("memory_clock_application_hz", &Gpu::memory_clock_application_hz);
  visit("temperature_c", &Gpu::temperature_c);
  visit("clocks_event_reasons", &Gpu::clocks_event_reasons);
  visit("pcie_generation", &Gpu::pcie_generation);
  visit("pcie_generation_max", &Gpu::pcie_generation_max);
  visit("pcie_width", &Gpu::pcie_width);
  visit("pcie_width_max", &Gpu::pcie_width_max);
  visit("other_processes", &Gpu::other_processes);
  visit("recovery_action", &Gpu::recovery_action);
  visit("fabric_state", &Gpu::fabric_state);
}

}  // namespace kernelgate
