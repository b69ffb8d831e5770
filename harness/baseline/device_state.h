#pragma once
// What the program counts and learns of a device by itself, in a folder of its own: `state`/<device>/.

#include <filesystem>
#include <string>

namespace kernelgate {

/// The file `name` of this device; need not exist. Empty where `state` is: there is none.
std::filesystem::path in_device_state(const std::filesystem::path& state, const std::string& device,
                                      const std::string& name);

/// As above, with its folder made. Errors  ResultError, one line with the remedy.
std::filesystem::path writable_in_device_state(const std::filesystem::path& state, const std::string& device,
                                               const std::string& name);

}  // namespace kernelgate
