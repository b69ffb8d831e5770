#pragma once
// What goes on beside the threads of a cluster: bulk copies, wgmma, arrivals at other blocks' barriers.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "kernels/op/random.h"
#include "kernels/simt/host/fault.h"

namespace kernelgate::simt::executor {

class Block;

/// When asynchronous operations take effect: at once, only when they must, or in between. The seed chooses
/// for each cluster.
enum class Landing { early, late, mixed };

/// A step may run outside any fiber, or on another thread's: it takes what it needs from its captures and never
/// asks for current_thread(). A Fault that it throws should name the issuer.
struct AsyncOperation {
  Operation operation;  ///< for error texts
  Thread* issuer = nullptr;
  /// Operations of one queue take each step in the order of issue; 0: in no order.
  std::uint64_t queue = 0;
  /// Taken in order, each at some moment between issue and the wait that covers it.
  std::vector<std::function<void()>> steps;
  /// The block whose shared memory the first `touching_steps` steps read or write, if any: it may not exit
  /// before they are taken.
  const Block* touches = nullptr;
  std::size_t touching_steps = SIZE_MAX;
  /// Its steps release no waiting thread: whoever waits for them asks through finish. Where it lands late it is not
  /// landed for those who can't run, as long as something else might help them.
  bool on_demand = false;
};

/// Of an operation that was issued. 0 is none.
using AsyncTicket = std::uint64_t;

class AsyncEngine {
 public:
  void begin(Landing landing, Random* random);

  Landing landing() const { return landing_; }
  bool idle() const { return under_way_.empty(); }
  std::size_t under_way() const { return under_way_.size(); }

  /// Early: takes all steps now.
  AsyncTicket issue(AsyncOperation operation);
  /// What a wait demands: takes the operation's first `steps` steps, those before it in its queue first. Nothing if
  /// they are taken already.
  void finish(AsyncTicket ticket, std::size_t steps = SIZE_MAX);
  /// Nobody can run: takes one step of one operation, chosen by the seed; false if none is under way. Late: of one that
  /// may help, if there is any.
  bool land_one();
  /// Whether drift could do anything.
  bool drifts() const { return landing_ == Landing::mixed && !under_way_.empty(); }
  /// Mixed mode, at each switch of threads: with small probability one step lands.
  void drift();
  /// The operation under way that still touches the block's shared memory; null if none does.
  const AsyncOperation* touching(const Block& block) const;
  /// Forgets what is under way: the cluster ends with an error.
  void abandon() { under_way_.clear(); }

 private:
  struct UnderWay {
    AsyncTicket ticket;
    std::size_t taken;
    AsyncOperation operation;
  };

  void advance(AsyncTicket ticket, std::size_t steps);
  UnderWay* find(AsyncTicket ticket);

  Landing landing_ = Landing::late;
  Random* random_ = nullptr;
  AsyncTicket last_ = 0;
  std::vector<UnderWay> under_way_;  // in the order of issue
};

}  // namespace kernelgate::simt::executor
