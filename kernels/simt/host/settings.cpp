#include "kernels/simt/host/settings.h"

#include <algorithm>
#include <atomic>
#include <thread>

namespace kernelgate::simt {
namespace {
std::atomic<std::uint64_t> chosen_seed{1};
std::atomic<int> chosen_threads{0};
std::atomic<double> chosen_poll_limit{60};
}  // namespace

void set_seed(std::uint64_t seed) { chosen_seed = seed; }
std::uint64_t seed() { return chosen_seed; }

void set_host_threads(int threads) { chosen_threads = std::max(threads, 0); }
int host_threads() {
  const int threads = chosen_threads;
  return threads > 0 ? threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

void set_poll_limit(double seconds) { chosen_poll_limit = seconds; }
double poll_limit() { return chosen_poll_limit; }

}  // namespace kernelgate::simt
