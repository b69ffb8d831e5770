#pragma once
// The GPUs on the PCI bus, with what their device ids tell: also where no driver says anything of them.

#include <optional>
#include <string>
#include <vector>

#include "harness/base/version.h"
#include "harness/check/diagnose/diagnose.h"

namespace kernelgate {

struct PciGpu {
  std::string address, driver;                 ///< driver: bound to it; empty: none
  const PciDevices* chip = nullptr;            ///< null: the device id is not in the table
  const Architecture* architecture = nullptr;  ///< null: likewise
  bool seen = false;                           ///< NVML or CUDA has a GPU at this address

  ModuleNeed module() const;  ///< `either` where nothing is known
  /// "0000:19:00.0: GP107 [10de:1c8d], Pascal"
  std::string text;
};

std::vector<PciGpu> pci_gpus(const Environment& environment, const CheckOptions& options);

/// The driver that is installed: NVML's or the module's word, else the libraries' names.
std::optional<Version> installed_driver(const Environment& environment);

/// The lines of the driver in the kernel log that have this text, at most three, as evidence.
std::vector<std::string> log_lines(const Environment& environment, std::string_view text);

}  // namespace kernelgate
