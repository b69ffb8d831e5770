#pragma once
// Where the program keeps what it counts and learns by itself. Not among the baselines: those hold what somebody
// accepted, and a file that changes with every run would make their tree dirty.

#include <filesystem>

namespace kernelgate {

/// $KERNELGATE_STATE; else kernelgate in $XDG_STATE_HOME; else ~/.local/state/kernelgate. It need not exist. Empty
/// where nothing says where home is.
///
/// Source  XDG Base Directory Specification 0.8: an XDG_STATE_HOME that is not absolute is ignored.
std::filesystem::path state_folder();

/// For --help, where the baselines' folder is described.
inline constexpr const char* state_help =
    "calibrations and counts of false alarms are no baselines: $KERNELGATE_STATE, else kernelgate in "
    "$XDG_STATE_HOME,\nelse ~/.local/state/kernelgate";

}  // namespace kernelgate
