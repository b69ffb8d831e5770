#include "harness/measure/process_threads.h"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <limits>
#include <string>
#include <thread>

namespace kernelgate {
namespace {

/// The clock of what one thread used. As pthread_getcpuclockid makes it, which asks for a thread of pthread's.
clockid_t clock_of(pid_t thread) {
  constexpr int scheduled = 2, of_a_thread = 4;
  return static_cast<clockid_t>((~static_cast<unsigned>(thread) << 3) | scheduled | of_a_thread);
}

/// 'R' runs or wants to; 0: it is gone.
char state_of(pid_t thread) {
  std::string text;
  std::getline(std::ifstream("/proc/self/task/" + std::to_string(thread) + "/stat"), text);
  const auto name_ends = text.rfind(')');  // the name may hold blanks
  return name_ends != std::string::npos && name_ends + 2 < text.size() ? text[name_ends + 2] : '\0';
}

}  // namespace

bool ProcessThreads::are_all() const {
  struct stat folder {};
  if (stat("/proc/self/task", &folder) != 0 || folder.st_nlink != threads_.size() + 2) return false;
  timespec used{};
  return std::ranges::all_of(threads_, [&](pid_t thread) { return clock_gettime(clock_of(thread), &used) == 0; });
}

void ProcessThreads::refresh() {
  if (are_all()) return;  // cheaper than to read the folder, and nearly always so
  threads_.clear();
  DIR* const folder = opendir("/proc/self/task");
  if (folder == nullptr) return;
  while (const dirent* entry = readdir(folder))
    if (const int thread = std::atoi(entry->d_name); thread > 0) threads_.push_back(thread);
  closedir(folder);
}

double ProcessThreads::processor_s() const {
  double sum = 0;
  for (const pid_t thread : threads_)
    if (timespec used{}; clock_gettime(clock_of(thread), &used) == 0)
      sum += static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec);
  return sum;
}

bool ProcessThreads::another_runs() const {
  for (const pid_t thread : threads_)
    if (thread != gettid() && state_of(thread) == 'R') return true;
  return false;
}

double ProcessThreads::settle() {
  constexpr double patience_s = 1;
  const auto begin = std::chrono::steady_clock::now();
  for (refresh(); another_runs(); refresh()) {
    if (std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() > patience_s)
      return std::numeric_limits<double>::infinity();
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

long process_preemptions() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return used.ru_nivcsw;
}

}  // namespace kernelgate
