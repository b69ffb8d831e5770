// How a made-up driver behaves.
#include "harness/check/fake/driver/settings.h"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>

#include "harness/base/trimmed.h"

namespace kernelgate::fake {
namespace {

using Settings = std::map<std::string, std::string>;

// A healthy H200 and its driver. Units  as NVML's: bytes, milliwatts, megahertz, degrees Celsius.
Settings defaults() {
  return {{"driver", "580.95.05"},
          {"cuda_version", "13000"},
          {"gpus", "1"},
          {"name", "NVIDIA H200"},
          {"cc", "90"},
          {"part_number", "699-2G520-0230-300"},
          {"vbios", "96.00.A5.00.01"},
          {"gsp_firmware", "580.95.05"},
          {"memory", "150754820096"},
          {"memory_free", "150000000000"},
          {"sm_count", "132"},
          {"l2_bytes", "62914560"},
          {"ecc", "1"},
          {"ecc_pending", "1"},
          {"mig", "0"},
          {"persistence", "1"},
          {"compute_mode", "0"},
          {"power_limit", "700000"},
          {"power_limit_default", "700000"},
          {"bus_width", "6144"},
          {"sm_clock_max", "1980"},
          {"memory_clock_max", "3201"},
          {"sm_clock_application", "1980"},
          {"memory_clock_application", "3201"},
          {"sm_clock", "1980"},
          {"memory_clock", "3201"},
          {"temperature", "31"},
          {"event_reasons", "1"},
          {"pcie_generation", "5"},
          {"pcie_generation_max", "5"},
          {"pcie_width", "16"},
          {"pcie_width_max", "16"},
          {"processes", "0"},
          {"graphics_processes", "0"},
          {"fabric_state", "3"},
          {"field.230", "0"}};  // the recovery action
}

const Settings& settings() {
  static const Settings all = [] {
    Settings read = defaults();
    const char* path = std::getenv("KERNELGATE_FAKE_DRIVER");
    std::ifstream file(path ? path : "");
    for (std::string line; std::getline(file, line);) {
      const std::size_t at = line.find('=');
      if (at != std::string::npos) read[std::string(trimmed(line.substr(0, at)))] = trimmed(line.substr(at + 1));
    }
    return read;
  }();
  return all;
}

}  // namespace

int answer(const char* function, int otherwise) {
  const std::string told = setting(function);
  if (told.empty()) return otherwise;
  while (told == "hang") pause();
  if (told == "crash") {
    std::signal(SIGSEGV, SIG_DFL);  // whoever caught it, a sanitizer for one, would end this in another way
    std::raise(SIGSEGV);
  }
  return std::atoi(told.c_str());
}

std::string setting(const std::string& key) {
  const auto found = settings().find(key);
  return found == settings().end() ? "" : found->second;
}

std::string setting_of(int gpu, const std::string& key) {
  const std::string own = setting(std::to_string(gpu) + "." + key);
  return own.empty() ? setting(key) : own;
}

bool number_of(int gpu, const std::string& key, std::int64_t& number) {
  const std::string text = setting_of(gpu, key);
  number = std::strtoll(text.c_str(), nullptr, 10);
  return !text.empty();
}

int gpu_count() { return std::atoi(setting("gpus").c_str()); }

}  // namespace kernelgate::fake
