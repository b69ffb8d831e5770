#pragma once
// The options of `kernelgate run`, and how they reach the fresh processes that it starts.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bench/run/report_files.h"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace kernelgate {

struct RunArguments {
  std::string device = "auto";
  int gpu = 0;
  std::string suite;  ///< empty: the device's own
  std::vector<std::string> ops, implementations;
  std::vector<std::filesystem::path> audio, kernels;
  int runs = 0;  ///< 0: not given
  std::filesystem::path out;
  std::filesystem::path base;
  std::filesystem::path baselines;
  std::filesystem::path against;  ///< an archived build; empty: none
  std::string require;
  std::string threshold = "0.5%";
  std::vector<std::string> vary;
  bool strict = false;
  bool json = false;
  std::string report = "console";
  ReportFiles files;
  std::uint64_t seed = 1;
  std::optional<std::uint64_t> input_seed;
  // For the processes that a run starts; not for people.
  int worker_run = -1;
  std::vector<std::filesystem::path> worker_out;
  std::vector<std::string> benchmark_flags;  ///< --benchmark_*, handed on
};

void declare(CLI::App& app, RunArguments& arguments);

/// Of --gpu: a number that CUDA may have given, and no list of them.
CLI::Validator gpu_number();

/// The command line of process run `run`, which writes its part to the first of `places` that takes it.
std::vector<std::string> worker_command(const RunArguments& arguments, int run,
                                        const std::vector<std::filesystem::path>& places);

}  // namespace kernelgate
