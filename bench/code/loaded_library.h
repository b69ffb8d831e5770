#pragma once
// Which file of a library is loaded into this process.

#include <string>

namespace kernelgate {

/// Identifies the loaded lib`stem`.so: its real file's name, which has the version, and its build id; the file's size
/// where it has no build id. Empty: no such library is loaded.
///
/// Source  dl_iterate_phdr(3); the note NT_GNU_BUILD_ID is the GNU linker's (ld --build-id).
std::string loaded_library(const std::string& stem);

}  // namespace kernelgate
