#pragma once
// Where a test finds what it reads and drives. No path is compiled in: objects of any checkout are the same, so that a
// compiler cache knows them again.

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace kernelgate {

/// The folder of the test program; `kernelgate` and the made-up driver lie there, too.
inline std::filesystem::path build_folder() { return std::filesystem::read_symlink("/proc/self/exe").parent_path(); }

/// The checkout: $KERNELGATE_SOURCE_DIR, which ctest sets, or the one that holds the build folder.
inline std::filesystem::path source_folder() {
  if (const char* given = std::getenv("KERNELGATE_SOURCE_DIR")) return given;
  for (std::filesystem::path folder = build_folder(); folder.has_relative_path(); folder = folder.parent_path())
    if (exists(folder / "harness/base/paths_for_test.h")) return folder;
  throw std::runtime_error("the build folder is in no checkout: set KERNELGATE_SOURCE_DIR to one");
}

/// The program that the tests drive.
inline std::string program() { return (build_folder() / "kernelgate").string(); }

}  // namespace kernelgate
