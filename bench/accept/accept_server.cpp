#include "bench/accept/accept_server.h"

#include <sys/mman.h>

#include <atomic>
#include <mutex>
#include <new>
#include <thread>

#include <fmt/format.h>

#include "harness/base/printable.h"
#include "harness/base/process/child_process.h"
#include "harness/base/process/interrupt.h"

namespace kernelgate::accept {
namespace {

/// One line at a time.
class Teller {
 public:
  void say(int gpu, const std::string& what) {
    const std::lock_guard lock(mutex_);
    fmt::print(stderr, "accept: GPU {}: {}\n", gpu, one_line(what));
    std::fflush(stderr);
  }

 private:
  std::mutex mutex_;
};

/// A flag that this process sets and its children see.
class SharedFlag {
 public:
  SharedFlag() {
    void* page = mmap(nullptr, sizeof(std::atomic<bool>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page != MAP_FAILED) flag_ = new (page) std::atomic<bool>(false);
  }
  ~SharedFlag() {
    if (flag_) munmap(flag_, sizeof(std::atomic<bool>));
  }
  SharedFlag(const SharedFlag&) = delete;
  SharedFlag& operator=(const SharedFlag&) = delete;

  const std::atomic<bool>* flag() const { return flag_; }
  /// Ctrl-C reaches this process alone; each word of a child is a moment to look.
  void pass_on() {
    if (flag_ && interrupted()) flag_->store(true);
  }

 private:
  std::atomic<bool>* flag_ = nullptr;
};

void follow(const ServerOptions& options, Measured& gpu, SharedFlag& stop, Teller& teller) {
  WorkerOptions worker = options.worker;
  worker.gpu = static_cast<int>(gpu.gpu);
  worker.stop = stop.flag();
  std::string doing;
  const ChildAnswer answer = follow_child([&](const SayLine& say) { measure_load(worker, say); }, options.limit,
                                          [&](const std::string& line) {
                                            stop.pass_on();
                                            take_line(line, gpu.load);
                                            if (gpu.load.doing == doing) return;
                                            doing = gpu.load.doing;
                                            teller.say(worker.gpu, doing);
                                          });
  // What the process could still say of itself goes first.
  if (gpu.load.error.empty()) gpu.load.error = answer.error;
  if (!gpu.load.error.empty()) teller.say(worker.gpu, "ended early: " + gpu.load.error);
}

}  // namespace

Measured named(int gpu, const Environment& environment) {
  Measured made;
  made.gpu = gpu;
  const Gpu* known = environment.visible_gpu(gpu);
  if (!known) return made;
  made.name = known->name.value.value_or("");
  made.uuid = known->uuid.value.value_or("");
  made.serial = known->serial.value.value_or("");
  made.board_part_number = known->board_part_number.value.value_or("");
  made.vbios = known->vbios.value.value_or("");
  made.pci_bus_id = known->pci_bus_id.value.value_or("");
  return made;
}

std::vector<Measured> measure_server(const ServerOptions& options, const Environment& environment) {
  std::vector<Measured> gpus;
  Teller teller;
  SharedFlag stop;
  for (const int ordinal : options.gpus) {
    Measured& gpu = gpus.emplace_back(named(ordinal, environment));
    WorkerOptions worker = options.worker;
    worker.gpu = ordinal;
    worker.stop = stop.flag();
    stop.pass_on();
    teller.say(ordinal, "its links");
    // Alone: GPUs share the host's memory and switches, and would be measured against each other.
    const ChildAnswer answer = follow_child([&](const SayLine& say) { measure_links(worker, say); }, options.limit,
                                            [&](const std::string& line) { take_line(line, gpu.links); });
    if (gpu.links.error.empty()) gpu.links.error = answer.error;
  }
  std::vector<std::thread> followers;
  for (Measured& gpu : gpus) followers.emplace_back([&] { follow(options, gpu, stop, teller); });
  for (std::thread& one : followers) one.join();
  return gpus;
}

}  // namespace kernelgate::accept
