#pragma once
// Which start of the system this is.

#include <string>

namespace kernelgate {

/// The kernel's own number of it; empty where it does not tell.
std::string boot_id();

}  // namespace kernelgate
