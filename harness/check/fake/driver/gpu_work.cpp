#include "harness/check/fake/driver/gpu_work.h"

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>

#include "harness/check/fake/driver/settings.h"

namespace kernelgate::fake {
namespace {

int current = 0;
std::map<int, double> worked_s;
std::map<int, std::int64_t> launches;
std::map<const void*, int> owners;

double figure(int gpu, const char* key, double otherwise) {
  const std::string text = setting_of(gpu, key);
  return text.empty() ? otherwise : std::atof(text.c_str());
}

/// Somewhat less than the raw rate, as links are.
double rate_of(int gpu, Way way) {
  switch (way) {
    case Way::host: {
      const double lane = 0.98e9 * static_cast<double>(1 << static_cast<int>(figure(gpu, "pcie_generation", 5) - 3));
      return 0.88 * lane * figure(gpu, "pcie_width", 16);
    }
    case Way::own_memory:
      return 0.92 * 1e6 * figure(gpu, "memory_clock_max", 3201) * 2 * figure(gpu, "bus_width", 6144) / 8;
    case Way::other_gpu:
      return 0.8 * 1e6 * figure(gpu, "field.90", 26562) * figure(gpu, "nvlinks", 0);
  }
  return 1;
}

}  // namespace

int current_gpu() { return current; }
void set_current_gpu(int gpu) { current = gpu; }

double gpu_time() {
  if (setting("clock") == "work") return worked_s[current];
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void take(double seconds) { worked_s[current] += seconds; }

void take_copy(std::size_t bytes, Way way) {
  const double rate = rate_of(current, way);
  if (rate > 0) take(static_cast<double>(bytes) / rate);
}

void note_memory(const void* address) { owners[address] = current; }
int owner_of(const void* address) {
  const auto found = owners.find(address);
  return found == owners.end() ? current : found->second;
}

bool is_lost() {
  std::int64_t after = 0;
  return number_of(current, "lost_after", after) && launches[current] > after;
}

int launch_refusal() {
  constexpr int unknown = 999;
  ++launches[current];
  std::int64_t hangs = 0;
  while (number_of(current, "hang_after", hangs) && launches[current] > hangs) pause();
  if (!is_lost()) return 0;
  // NVML is another library of the same process.
  setenv("KERNELGATE_FAKE_LOST", std::to_string(current).c_str(), 1);
  return unknown;
}

}  // namespace kernelgate::fake
