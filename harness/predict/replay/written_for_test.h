#pragma once
// Kernels written by hand, an instruction a line: "6 w1 r2 :1 FFMA ...": stall, scoreboards set and waited for.

#include <sstream>
#include <string>

#include "harness/predict/model/gpu.h"
#include "harness/predict/replay/multiprocessor.h"
#include "harness/predict/sass/decode.h"

namespace kernelgate::predict::for_test {

inline SassKernel written(const std::string& lines) {
  SassKernel kernel;
  kernel.arch = "sm90a";
  kernel.name = "written";
  std::istringstream all(lines);
  std::uint32_t address = 0;
  for (std::string line; std::getline(all, line);) {
    std::istringstream words(line);
    Control control;
    std::string word, text;
    if (!(words >> control.stall)) continue;
    while (words >> word) {
      if (word.size() == 2 && word[0] == 'w' && text.empty())
        control.write_barrier = static_cast<unsigned>(word[1] - '0');
      else if (word.size() == 2 && word[0] == 'r' && text.empty())
        control.read_barrier = static_cast<unsigned>(word[1] - '0');
      else if (word.size() == 2 && word[0] == ':' && text.empty())
        control.wait_mask |= 1u << (word[1] - '0');
      else
        text += text.empty() ? word : " " + word;
    }
    kernel.instructions.push_back(decode_instruction(address, text));
    kernel.instructions.back().control = control;
    address += 16;
  }
  return kernel;
}

/// A box of 64 x 64 f16 in an endless matrix, whatever the map.
inline TensorFacts any_box(std::span<const std::byte>) {
  TensorFacts facts;
  facts.rank = 2;
  facts.address = 1 << 20;
  facts.dims = {1 << 20, 1 << 20};
  facts.strides = {2, 2 << 20};
  facts.box = {64, 64};
  return facts;
}

struct Written {
  SassKernel kernel;
  LaunchFacts launch;
  std::vector<BlockTrace> blocks;
  Gpu gpu = find_gpu("h200-sxm");
  ReplayOptions options;

  Written(const std::string& lines, unsigned threads, unsigned cluster = 1) : kernel(written(lines)) {
    gpu.cold_code = 0;
    launch.grid = launch.cluster = {cluster, 1, 1};
    launch.block = {threads, 1, 1};
    launch.parameters.resize(tensor_map_bytes);
    launch.read_tensor_map = any_box;
    options.cluster = cluster;
    for (unsigned rank = 0; rank < cluster; ++rank) blocks.push_back(follow_block(kernel, launch, {rank, 0, 0}));
  }
  Replay replayed(bool keep = true) {
    options.keep_issues = keep;
    std::vector<const BlockTrace*> all;
    for (const BlockTrace& block : blocks) all.push_back(&block);
    return replay(kernel, all, gpu, options);
  }
  /// When a warp issued the instruction at a line the first time.
  static double at(const Replay& replay, std::size_t warp, std::size_t line) {
    for (const Issue& one : replay.issues.at(warp))
      if (one.instruction == line) return one.at;
    return -1;
  }
};

}  // namespace kernelgate::predict::for_test
