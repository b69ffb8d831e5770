#include "bench/silicon/items_in_children.h"

#include <exception>

#include "harness/base/process/interrupt.h"

namespace kernelgate::silicon {
namespace {

// What a line is of: a word of the item's work, or that the item has ended.
constexpr char of_work = ' ', of_end = '!';

void do_from(std::size_t first, std::size_t count, const ItemWork& items, const SayLine& say) {
  say(std::string(1, of_work));  // it has started
  for (std::size_t i = first; i < count; ++i) {
    bool go_on = items.work(i, [&](std::string_view line) { say(of_work + std::string(line)); });
    say(std::string(1, of_end));
    if (!go_on) return;
  }
}

}  // namespace

std::size_t do_items(std::size_t count, const ItemWork& items) {
  std::size_t next = 0;
  while (next < count && !interrupted()) {
    const std::size_t first = next;
    const auto work = [&](const SayLine& say) { do_from(first, count, items, say); };
    const auto on_line = [&](const std::string& line) {
      if (line.front() == of_end)
        ++next;
      else if (line.size() > 1)
        items.on_line(next, line.substr(1));
    };
    const ChildAnswer answer = follow_child(work, items.limit, on_line);
    if (next == count || interrupted()) break;
    if (answer.error.empty() && next > first) continue;  // it said that it was of no use any more
    items.on_lost(next, answer.error.empty() ? "ended without a word" : answer.error);
    ++next;
  }
  return next;
}

}  // namespace kernelgate::silicon
