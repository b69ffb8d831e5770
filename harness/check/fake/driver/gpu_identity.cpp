// What both libraries call a GPU.
#include "harness/check/fake/driver/gpu_identity.h"

#include <cstdio>

namespace kernelgate::fake {

std::string pci_bus_id(int gpu) {
  constexpr int first_bus = 0x19;
  char text[16];
  std::snprintf(text, sizeof text, "0000:%02x:00.0", static_cast<unsigned>(first_bus + gpu) & 0xffu);
  return text;
}

std::array<unsigned char, 16> uuid_bytes(int gpu) {
  std::array<unsigned char, 16> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(i * 0x11);
  bytes.back() = static_cast<unsigned char>(0xff - gpu);
  return bytes;
}

std::string uuid_text(int gpu) {
  std::string text = "GPU";
  const std::array<unsigned char, 16> bytes = uuid_bytes(gpu);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 0 || i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(bytes[i]));
    text += digits;
  }
  return text;
}

}  // namespace kernelgate::fake
