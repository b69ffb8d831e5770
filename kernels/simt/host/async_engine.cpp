#include "kernels/simt/host/async_engine.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace kernelgate::simt::executor {

void AsyncEngine::begin(Landing landing, Random* random) {
  landing_ = landing;
  random_ = random;
  last_ = 0;
  under_way_.clear();
}

AsyncTicket AsyncEngine::issue(AsyncOperation operation) {
  const AsyncTicket ticket = ++last_;
  under_way_.push_back({ticket, 0, std::move(operation)});
  if (landing_ == Landing::early) finish(ticket);
  return ticket;
}

AsyncEngine::UnderWay* AsyncEngine::find(AsyncTicket ticket) {
  const auto at = std::lower_bound(under_way_.begin(), under_way_.end(), ticket,
                                   [](const UnderWay& entry, AsyncTicket wanted) { return entry.ticket < wanted; });
  return at != under_way_.end() && at->ticket == ticket ? &*at : nullptr;
}

// A step may issue operations itself (a completion that releases somebody does not, but nothing forbids it), so
// entries are looked up again after each.
void AsyncEngine::advance(AsyncTicket ticket, std::size_t steps) {
  for (;;) {
    UnderWay* entry = find(ticket);
    if (entry == nullptr || entry->taken >= steps) return;
    if (entry->taken < entry->operation.steps.size()) {
      const std::function<void()> step = std::move(entry->operation.steps[entry->taken++]);
      step();
      entry = find(ticket);
    }
    if (entry != nullptr && entry->taken >= entry->operation.steps.size()) {
      under_way_.erase(under_way_.begin() + (entry - under_way_.data()));
      return;
    }
  }
}

void AsyncEngine::finish(AsyncTicket ticket, std::size_t steps) {
  const UnderWay* wanted = find(ticket);
  if (wanted == nullptr || wanted->taken >= steps) return;
  if (const std::uint64_t queue = wanted->operation.queue; queue != 0) {
    std::vector<AsyncTicket> before;
    for (const UnderWay& entry : under_way_)
      if (entry.ticket < ticket && entry.operation.queue == queue) before.push_back(entry.ticket);
    for (const AsyncTicket earlier : before) advance(earlier, steps);
  }
  advance(ticket, steps);
}

bool AsyncEngine::land_one() {
  if (under_way_.empty()) return false;
  const auto helps = [](const UnderWay& entry) { return !entry.operation.on_demand; };
  const bool choosy = landing_ == Landing::late && std::any_of(under_way_.begin(), under_way_.end(), helps);
  std::uint64_t skip =
      random_->bits() % static_cast<std::uint64_t>(choosy ? std::count_if(under_way_.begin(), under_way_.end(), helps)
                                                          : std::ssize(under_way_));
  const UnderWay& chosen = *std::find_if(under_way_.begin(), under_way_.end(), [&](const UnderWay& entry) {
    return (!choosy || helps(entry)) && skip-- == 0;
  });
  const std::size_t step = chosen.taken;
  AsyncTicket first = chosen.ticket;
  // The first of its queue that has not taken this step.
  if (chosen.operation.queue != 0)
    for (const UnderWay& entry : under_way_)
      if (entry.operation.queue == chosen.operation.queue && entry.taken <= step) {
        first = entry.ticket;
        break;
      }
  advance(first, find(first)->taken + 1);
  return true;
}

void AsyncEngine::drift() {
  constexpr std::uint64_t one_in = 16;
  if (drifts() && random_->bits() % one_in == 0) land_one();
}

const AsyncOperation* AsyncEngine::touching(const Block& block) const {
  for (const UnderWay& entry : under_way_)
    if (entry.operation.touches == &block && entry.taken < entry.operation.touching_steps) return &entry.operation;
  return nullptr;
}

}  // namespace kernelgate::simt::executor
