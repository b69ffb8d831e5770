#include "bench/run/baselines_folder.h"

#include <cstdlib>

namespace kernelgate {

std::filesystem::path baselines_folder(const std::filesystem::path& given) {
  if (!given.empty()) return given;
  if (const char* named = std::getenv("KERNELGATE_BASELINES"); named != nullptr && *named != '\0') return named;
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  for (const auto& folder : {program / "baselines", program.parent_path() / "baselines"})
    if (!error && std::filesystem::is_directory(folder)) return folder;
  return "baselines";
}

}  // namespace kernelgate
