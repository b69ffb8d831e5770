#pragma once
// What kernelgate-silicon does, one function a command.

#include <chrono>
#include <cstdint>
#include <string>

#include "harness/base/error.h"

namespace kernelgate::silicon {

struct CommonOptions {
  int gpu = 0;
  std::string out;   ///< a file of JSON lines; empty: none
  std::string only;  ///< a part of the names; empty: all
  std::uint64_t seed = 1;
  double limit_s = 30;     ///< for one probe, microbenchmark or exploit
  bool rehearsal = false;  ///< the host executor in the GPU's place
};

ExitCode compare_command(const CommonOptions& options);
/// `gpu_file`: where the figures go that `kernelgate predict` reads; empty: nowhere.
ExitCode measure_command(const CommonOptions& options, const std::string& gpu_file);
ExitCode exploits_command(const CommonOptions& options);
ExitCode list_command();
/// Of what scripts/on_gpu left in the folder; on stdout, and as page.txt and page.md there. `steps`: lines of
/// steps.txt, newer than those there. Wrong: something was found wrong.
ExitCode page_command(const std::string& folder, const std::string& steps);

}  // namespace kernelgate::silicon
