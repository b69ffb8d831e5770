#include "bench/program/program_file.h"

#include <charconv>
#include <cstdint>
#include <fstream>
#include <string>

#include "harness/base/error.h"

namespace kernelgate {

std::filesystem::path program_file() {
  const auto here = reinterpret_cast<std::uintptr_t>(&program_file);
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {  // BEGIN-END rights offset device inode   PATH
    std::uintptr_t begin = 0, end = 0;
    const char* last = line.data() + line.size();
    const auto [dash, bad_begin] = std::from_chars(line.data(), last, begin, 16);
    if (bad_begin != std::errc() || dash == last) continue;
    if (std::from_chars(dash + 1, last, end, 16).ec != std::errc() || here < begin || here >= end) continue;
    if (const std::size_t slash = line.find('/'); slash != std::string::npos) return line.substr(slash);
  }
  throw HarnessError(ExitCode::usage,
                     "the program can't find its own file: /proc/self/maps does not name it; "
                     "name the file: kernelgate codegen FILE");
}

}  // namespace kernelgate
