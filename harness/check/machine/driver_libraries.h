#pragma once
// Reads NVML and libcuda through symbols that may be missing. Neither library's header is needed, and
// nothing of NVIDIA's is linked: the program starts, and checks, on a machine that has neither.

#include <cstdint>
#include <functional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "harness/check/machine/probe.h"
#include "harness/check/machine/symbol_source.h"

namespace kernelgate {

/// Fills init_code and what follows. `own_process` is not counted among a GPU's other processes.
void read_nvml(const SymbolSource& symbols, std::int64_t own_process, LibraryView& view);
void read_cuda_driver(const SymbolSource& symbols, LibraryView& view);

/// Opens `library`, runs `read` on its symbols, and notes where it was loaded from (`known_symbol` is one
/// that it surely has).
LibraryView open_and_read(const char* library, const char* known_symbol,
                          const std::function<void(const SymbolSource&, LibraryView&)>& read);

/// For the pipe between the process that asks a driver and the one that waits for the answer.
nlohmann::json to_json(const LibraryView& view);
LibraryView library_view_from_json(const nlohmann::json& document);
nlohmann::json to_json(const Gpu& gpu);

/// "0000:01:00.0" from NVML's "00000000:01:00.0": as the kernel writes it.
std::string normal_pci_bus_id(const std::string& bus_id);

}  // namespace kernelgate
