#pragma once
// A healthy GPU's measurements, for tests to break.

#include "harness/accept/measured.h"

namespace kernelgate::accept {

inline Measured healthy(std::int64_t ordinal, int gpus) {
  Measured gpu;
  gpu.gpu = ordinal;
  gpu.name = "NVIDIA H200";
  gpu.uuid = "GPU-" + std::to_string(ordinal);
  gpu.serial = "165" + std::to_string(ordinal);
  Links& links = gpu.links;
  links.done = true;
  links.generation = links.generation_max = links.generation_gpu_max = {5, ""};
  links.width = links.width_max = {16, ""};
  links.host_to_device = links.device_to_host = {54e9, ""};
  links.nvlinks = {18, ""};
  links.nvlink_bytes_per_s = {26.562e9, ""};
  for (int other = 0; other < gpus; ++other)
    if (other != ordinal) links.peers.push_back({other, {370e9, ""}});
  Load& load = gpu.load;
  load.doing = "counting";
  load.multiprocessors = 132;
  load.self_test = {true, ""};
  load.memory = {true, {4.9e12, ""}, {4.4e12, ""}, {4.5e12, ""}, std::int64_t{1} << 37, 0, "", 2};
  for (const char* kind : {"f16", "bf16", "tf32", "s8", "e4m3", "f64"})
    load.products.push_back({kind, "cold", "", 2048, 100, 0, 132, 1, 1e15, {}});
  for (int second = 0; second < 10; ++second) {
    Sample& sample = load.samples.emplace_back();
    sample.at_s = second;
    sample.flop_per_s = 600e12;
    sample.temperature_c = {60, ""};
  }
  load.seconds = 60;
  load.counted = true;
  load.held = {{"power_cap", "power cap", false, {30, ""}},
               {"software_thermal", "thermal slowdown", true, {0, ""}},
               {"hardware_thermal", "hardware thermal slowdown", true, {0, ""}}};
  Errors errors;
  errors.ecc_corrected = errors.ecc_uncorrected = errors.pcie_replays = {0, ""};
  errors.rows_corrected = errors.rows_uncorrected = {0, ""};
  errors.row_pending = errors.row_failed = {false, ""};
  load.before = load.after = errors;
  load.xids = {std::vector<std::int64_t>{}, ""};
  return gpu;
}

inline std::vector<Measured> healthy_server(int gpus) {
  std::vector<Measured> all;
  for (int gpu = 0; gpu < gpus; ++gpu) all.push_back(healthy(gpu, gpus));
  return all;
}

}  // namespace kernelgate::accept
