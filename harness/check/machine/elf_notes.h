#pragma once
// What a driver library's file says of itself: its build, and the kernel drivers that it runs on.

#include <optional>
#include <string>
#include <vector>

#include "harness/base/elf.h"
#include "harness/base/fact.h"

namespace kernelgate {

/// What a library of a forward-compatibility package (cuda-compat) supports, in its own words.
struct ForwardCompat {
  std::string cuda_version;  ///< "12.9"
  std::vector<int> drivers;  ///< branches of the kernel's driver: 535, 550, ...; empty: it lists none (Jetson)
  std::vector<int> devices;  ///< NVIDIA's own numbers
};

/// Source  the note's framing and its JSON: NVIDIA/nvidia-container-toolkit, cmd/nvidia-cdi-hook/cudacompat and
///         testdata/compat (libraries of 575.57.08, 590.44.01 and Orin's 13.2.1).
struct ElfNotes {
  Fact<std::string> build_id{std::nullopt, "no file was loaded"};  ///< lower-case hexadecimal, as `readelf -n` shows it
  Fact<bool> has_compat_note{std::nullopt, "no file was loaded"};  ///< false: read, and it is the driver's own library
  Fact<ForwardCompat> forward_compat{
      std::nullopt, "no file was loaded"};  ///< missing where there is no note, or one that is not understood
};

/// Reads the section headers and the notes, never the whole file: a libcuda has a hundred megabytes. What can't be
/// read is missing, with the reason; nothing is thrown, whatever the bytes are.
ElfNotes read_elf_notes(const ByteSource& bytes);
ElfNotes read_elf_notes(const std::string& path);

}  // namespace kernelgate
