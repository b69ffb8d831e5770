#include "harness/measure/process_threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <ctime>
#include <thread>

namespace kernelgate {
namespace {

/// Waits for `go`, uses 5 ms of a processor, and lives on until `leave`.
struct Worker {
  std::atomic<bool> go = false, used = false, leave = false;
  std::jthread thread{[this] {
    go.wait(false);
    timespec now{};
    do clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    while (now.tv_sec == 0 && now.tv_nsec < 5'000'000);
    used = true;
    used.notify_all();
    leave.wait(false);
  }};

  void work() { set(go), used.wait(false); }
  void end() { set(leave), thread.join(); }
  static void set(std::atomic<bool>& flag) { flag = true, flag.notify_all(); }
};

TEST(ProcessThreads, FindsThoseThatBeganLaterAlsoInPlaceOfOthers) {
  ProcessThreads threads;
  Worker first;
  threads.refresh();
  double before = threads.processor_s();
  first.work();
  EXPECT_GT(threads.processor_s() - before, 4e-3);
  first.end();
  Worker second;  // as many threads as before
  threads.refresh();
  before = threads.processor_s();
  second.work();
  EXPECT_GT(threads.processor_s() - before, 4e-3);
  second.end();
}

}  // namespace
}  // namespace kernelgate
