#pragma once
// One GPU as it was read: every field may be missing, and then says why.

#include <cstdint>
#include <optional>
#include <string>

#include "harness/base/fact.h"

namespace kernelgate {

/// Units  bytes, hertz, watts, degrees Celsius; compute_capability is major * 10 + minor.
struct Gpu {
  Fact<std::string> name, uuid, pci_bus_id, board_part_number, vbios, gsp_firmware, inforom_version, serial;
  Fact<std::int64_t> cuda_ordinal;  ///< CUDA's number for it; missing: this process can't see it
  Fact<std::int64_t> nvml_index;    ///< NVML's and nvidia-smi's number, which may be another
  Fact<std::int64_t> compute_capability, sm_count, memory_bytes, memory_free_bytes, l2_bytes;
  Fact<bool> ecc, ecc_pending, mig, persistence;
  Fact<std::int64_t> compute_mode;         ///< 0 default, 1 exclusive thread, 2 prohibited, 3 exclusive process
  Fact<std::int64_t> virtualization_mode;  ///< 0 none, 1 passed through, 2 virtual GPU, 3 and 4 host of virtual GPUs
  Fact<bool> display_attached, display_active;  ///< active: a screen is set up on it, with a monitor or without
  Fact<double> power_limit_w, power_limit_default_w, power_limit_min_w, power_limit_max_w;
  Fact<double> power_w, power_average_w;  ///< now; over the last second
  Fact<double> energy_j;                  ///< since the driver was loaded
  Fact<double> sm_clock_max_hz, memory_clock_max_hz, sm_clock_hz, memory_clock_hz;
  Fact<double> sm_clock_application_hz, memory_clock_application_hz;  ///< nvidia-smi -ac; the default where not set
  Fact<double> sm_clock_loaded_hz{std::nullopt, "not read under load"};
  Fact<std::int64_t> temperature_c, memory_temperature_c;
  Fact<std::int64_t> temperature_margin_c;  ///< to the nearest threshold at which the clocks are lowered
  Fact<std::int64_t> temperature_slowdown_c, temperature_shutdown_c, temperature_max_operating_c;
  /// The same thresholds on Ada and later, as margins ("T.Limit"): reached where temperature_margin_c falls to them.
  Fact<std::int64_t> slowdown_tlimit_c, shutdown_tlimit_c, max_operating_tlimit_c, memory_max_tlimit_c;
  Fact<std::int64_t> performance_state;                            ///< 0 (P0) the fastest, to 15
  Fact<std::int64_t> clocks_event_reasons;                         ///< NVML's bits; 0x1 idle, 0x20 thermal, ...
  Fact<std::int64_t> pcie_generation, pcie_width;                  ///< now: both drop when the GPU is idle
  Fact<std::int64_t> pcie_generation_max, pcie_width_max;          ///< what GPU and slot together can do
  Fact<std::int64_t> pcie_generation_gpu_max, pcie_width_gpu_max;  ///< what the GPU alone can do
  Fact<std::int64_t> pcie_generation_loaded{std::nullopt, "not read under load"};
  Fact<std::int64_t> pcie_width_loaded{std::nullopt, "not read under load"};
  Fact<std::int64_t> pcie_replays;                              ///< packets sent again, since the driver was loaded
  Fact<std::int64_t> ecc_corrected, ecc_uncorrected;            ///< errors since the driver was loaded
  Fact<std::int64_t> ecc_corrected_ever, ecc_uncorrected_ever;  ///< in the GPU's life
  Fact<bool> sram_threshold_exceeded;                           ///< so many SRAM errors that NVIDIA wants diagnostics
  Fact<std::int64_t> remapped_rows_corrected, remapped_rows_uncorrected;  ///< Ampere and later; by cause
  Fact<bool> row_remap_pending, row_remap_failed;
  Fact<std::int64_t> retired_pages_corrected, retired_pages_uncorrected;  ///< before Ampere; by cause
  Fact<bool> page_retirement_pending;
  Fact<bool> memory_unrepairable;
  Fact<std::int64_t> other_processes;     ///< compute processes on it besides this program
  Fact<std::int64_t> graphics_processes;  ///< those that draw
  Fact<std::int64_t> recovery_action;     ///< 0 none, 1 reset, 2 reboot, 3 drain P2P, 4 drain and reset, 5 IMEX
  Fact<std::int64_t> fabric_state;        ///< 0 no fabric, 1 not started, 2 in progress, 3 completed
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
  visit("inforom_version", &Gpu::inforom_version);
  visit("serial", &Gpu::serial);
  visit("cuda_ordinal", &Gpu::cuda_ordinal);
  visit("nvml_index", &Gpu::nvml_index);
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
  visit("virtualization_mode", &Gpu::virtualization_mode);
  visit("display_attached", &Gpu::display_attached);
  visit("display_active", &Gpu::display_active);
  visit("power_limit_w", &Gpu::power_limit_w);
  visit("power_limit_default_w", &Gpu::power_limit_default_w);
  visit("power_limit_min_w", &Gpu::power_limit_min_w);
  visit("power_limit_max_w", &Gpu::power_limit_max_w);
  visit("power_w", &Gpu::power_w);
  visit("power_average_w", &Gpu::power_average_w);
  visit("energy_j", &Gpu::energy_j);
  visit("sm_clock_max_hz", &Gpu::sm_clock_max_hz);
  visit("memory_clock_max_hz", &Gpu::memory_clock_max_hz);
  visit("sm_clock_hz", &Gpu::sm_clock_hz);
  visit("memory_clock_hz", &Gpu::memory_clock_hz);
  visit("sm_clock_application_hz", &Gpu::sm_clock_application_hz);
  visit("memory_clock_application_hz", &Gpu::memory_clock_application_hz);
  visit("sm_clock_loaded_hz", &Gpu::sm_clock_loaded_hz);
  visit("temperature_c", &Gpu::temperature_c);
  visit("memory_temperature_c", &Gpu::memory_temperature_c);
  visit("temperature_margin_c", &Gpu::temperature_margin_c);
  visit("temperature_slowdown_c", &Gpu::temperature_slowdown_c);
  visit("temperature_shutdown_c", &Gpu::temperature_shutdown_c);
  visit("temperature_max_operating_c", &Gpu::temperature_max_operating_c);
  visit("slowdown_tlimit_c", &Gpu::slowdown_tlimit_c);
  visit("shutdown_tlimit_c", &Gpu::shutdown_tlimit_c);
  visit("max_operating_tlimit_c", &Gpu::max_operating_tlimit_c);
  visit("memory_max_tlimit_c", &Gpu::memory_max_tlimit_c);
  visit("performance_state", &Gpu::performance_state);
  visit("clocks_event_reasons", &Gpu::clocks_event_reasons);
  visit("pcie_generation", &Gpu::pcie_generation);
  visit("pcie_width", &Gpu::pcie_width);
  visit("pcie_generation_max", &Gpu::pcie_generation_max);
  visit("pcie_width_max", &Gpu::pcie_width_max);
  visit("pcie_generation_gpu_max", &Gpu::pcie_generation_gpu_max);
  visit("pcie_width_gpu_max", &Gpu::pcie_width_gpu_max);
  visit("pcie_generation_loaded", &Gpu::pcie_generation_loaded);
  visit("pcie_width_loaded", &Gpu::pcie_width_loaded);
  visit("pcie_replays", &Gpu::pcie_replays);
  visit("ecc_corrected", &Gpu::ecc_corrected);
  visit("ecc_uncorrected", &Gpu::ecc_uncorrected);
  visit("ecc_corrected_ever", &Gpu::ecc_corrected_ever);
  visit("ecc_uncorrected_ever", &Gpu::ecc_uncorrected_ever);
  visit("sram_threshold_exceeded", &Gpu::sram_threshold_exceeded);
  visit("remapped_rows_corrected", &Gpu::remapped_rows_corrected);
  visit("remapped_rows_uncorrected", &Gpu::remapped_rows_uncorrected);
  visit("row_remap_pending", &Gpu::row_remap_pending);
  visit("row_remap_failed", &Gpu::row_remap_failed);
  visit("retired_pages_corrected", &Gpu::retired_pages_corrected);
  visit("retired_pages_uncorrected", &Gpu::retired_pages_uncorrected);
  visit("page_retirement_pending", &Gpu::page_retirement_pending);
  visit("memory_unrepairable", &Gpu::memory_unrepairable);
  visit("other_processes", &Gpu::other_processes);
  visit("graphics_processes", &Gpu::graphics_processes);
  visit("recovery_action", &Gpu::recovery_action);
  visit("fabric_state", &Gpu::fabric_state);
}

}  // namespace kernelgate
