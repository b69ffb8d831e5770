#include "harness/base/process/interrupt.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>

namespace kernelgate {
namespace {

volatile std::sig_atomic_t caught = 0;   // the signal
volatile std::sig_atomic_t counted = 0;  // of those that a person or a supervisor repeats
volatile std::sig_atomic_t parents_is_another = 0;
std::atomic<pid_t> passed_on_to = 0;
static_assert(std::atomic<pid_t>::is_always_lock_free, "a handler may use it");

constexpr std::array stop_signals{SIGINT, SIGTERM, SIGHUP, SIGXCPU, SIGUSR1, SIGUSR2};

extern "C" void on_signal(int signal, siginfo_t* info, void*) {
  const bool parents = parents_is_another != 0 && info->si_code == SI_USER && info->si_pid == getppid();
  // A terminal that closes hangs up twice, by the kernel and by the shell: that is one wish.
  if (!parents && (signal == SIGINT || signal == SIGTERM)) {
    if (counted != 0) std::signal(signal, SIG_DFL), raise(signal);
    counted = 1;
  }
  caught = signal;
  if (const pid_t child = passed_on_to.load(); child > 0) kill(child, signal);
}

}  // namespace

void catch_interrupts(bool from_parent_too) {
  parents_is_another = from_parent_too ? 1 : 0;
  for (const int signal : stop_signals) {
    struct sigaction now {};
    sigaction(signal, nullptr, &now);
    if (signal == SIGHUP && now.sa_handler == SIG_IGN) continue;
    now = {};
    now.sa_sigaction = on_signal;
    now.sa_flags = SA_SIGINFO | SA_RESTART;
    sigemptyset(&now.sa_mask);
    sigaction(signal, &now, nullptr);
  }
}

bool interrupted() { return caught != 0; }

PassedOn::PassedOn(pid_t child) {
  passed_on_to = child;
  if (caught != 0) kill(child, caught);  // between its start and now
}

PassedOn::~PassedOn() { passed_on_to = 0; }

}  // namespace kernelgate
