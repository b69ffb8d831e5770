#pragma once
// What both libraries call a GPU.

#include <array>
#include <string>

namespace kernelgate::fake {

/// "0000:19:00.0" for the first, 1a for the next.
std::string pci_bus_id(int gpu);
std::array<unsigned char, 16> uuid_bytes(int gpu);
/// "GPU-00112233-..."
std::string uuid_text(int gpu);

}  // namespace kernelgate::fake
