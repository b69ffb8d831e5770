#include "harness/codegen/cuda_tools.h"

#include <fmt/format.h>
#include <glob.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "harness/base/error.h"
#include "harness/base/process/child_process.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;

// A program with all architectures takes seconds; CI's machines may be busy.
constexpr std::chrono::minutes time_limit{5};

constexpr const char* how_to_install =
    "install both: scripts/setup does, or: pip install nvidia-cuda-cuobjdump nvidia-cuda-nvdisasm";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Versions last to first: python3.12 before python3.11, cuda-13.0 before cuda-12.4.
void add_matches(std::vector<fs::path>& folders, const std::string& pattern) {
  glob_t matches{};
  if (::glob(pattern.c_str(), GLOB_ONLYDIR, nullptr, &matches) == 0)
    for (std::size_t i = matches.gl_pathc; i-- > 0;) folders.emplace_back(matches.gl_pathv[i]);
  ::globfree(&matches);
}

fs::path find_in(const std::vector<fs::path>& folders, const char* name) {
  std::error_code ignored;
  for (const fs::path& folder : folders) {
    fs::path path = folder / name;
    if (fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0) return path;
  }
  return {};
}

}  // namespace

std::vector<fs::path> cuda_tool_folders() {
  std::vector<fs::path> folders;
  const std::string path = variable("PATH");
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    if (end > begin) folders.emplace_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  for (const char* root : {"CUDA_HOME", "CUDA_PATH"})
    if (const std::string value = variable(root); !value.empty()) folders.push_back(fs::path(value) / "bin");
  add_matches(folders, "/usr/local/cuda*/bin");
  std::error_code no_proc;
  const fs::path program = fs::read_symlink("/proc/self/exe", no_proc).parent_path();
  if (!no_proc)
    // What the build runs to read its kernels lies in a folder of a preset's folder of build/.
    for (const fs::path& root : {program, program.parent_path(), program.parent_path().parent_path()})
      add_matches(folders, (root / "cuda-toolkit/nvidia/*/bin").string());
  for (const std::string& root :
       {variable("VIRTUAL_ENV"), std::string("/usr/local"), std::string("/usr"), variable("HOME") + "/.local"})
    for (const char* packages : {"site-packages", "dist-packages"})
      if (!root.empty()) add_matches(folders, fmt::format("{}/lib/python3*/{}/nvidia/*/bin", root, packages));
  return folders;
}

CudaTools find_cuda_tools() {
  const std::vector<fs::path> folders = cuda_tool_folders();
  return {find_in(folders, "cuobjdump"), find_in(folders, "nvdisasm")};
}

std::string missing_for_instructions(const CudaTools& tools) {
  std::string names = tools.cuobjdump.empty() ? "cuobjdump" : "";
  if (tools.nvdisasm.empty()) names += names.empty() ? "nvdisasm" : " and nvdisasm";
  if (names.empty()) return "";
  return fmt::format("{} not found (PATH, $CUDA_HOME, /usr/local/cuda, Python's wheels); {}", names, how_to_install);
}

std::string cuobjdump_version(const CudaTools& tools) {
  const ChildAnswer answer = run_program({{tools.cuobjdump.string(), "--version"}}, time_limit);
  const std::size_t at = answer.text.rfind(", V");
  if (!answer.error.empty() || at == std::string::npos)
    throw HarnessError(ExitCode::nothing,
                       fmt::format("'{}' does not run: {}; {}", tools.cuobjdump.string(),
                                   answer.error.empty() ? "it has no version" : answer.error, how_to_install));
  return answer.text.substr(at + 3, answer.text.find_first_not_of("0123456789.", at + 3) - at - 3);
}

std::string run_cuobjdump(const CudaTools& tools, const fs::path& file, const std::string& what,
                          const std::string& arch) {
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored))
    throw HarnessError(
        ExitCode::usage,
        fmt::format("'{}' is no file; name a program, an object or a cubin that nvcc made", file.string()));
  if (tools.cuobjdump.empty())
    throw HarnessError(ExitCode::nothing,
                       fmt::format("'{}' can't be read: {}", file.string(), missing_for_instructions(tools)));
  std::vector<std::string> words{tools.cuobjdump.string(), what};
  if (!arch.empty()) words.insert(words.end(), {"-arch", "sm_" + arch.substr(2)});
  words.push_back(file.string());
  // Wheels, or a person, may have put the two into different folders.
  const ChildAnswer answer =
      run_program({.words = words, .set = {{"NVDISASM_PATH", tools.nvdisasm.parent_path().string()}}}, time_limit);
  if (!answer.error.empty())
    throw HarnessError(ExitCode::usage, fmt::format("cuobjdump can't read '{}': {}", file.string(), answer.error));
  return answer.text;
}

}  // namespace kernelgate
