#include "kernels/simt/host/wgmma_registers.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "kernels/simt/host/block.h"
#include "kernels/simt/host/wgmma.h"

namespace kernelgate::simt::executor {
namespace {

constexpr std::uint64_t poisoned_pair = ~std::uint64_t{0};

// Calls visit(thread, its first register of the pair, the pair's place in values) for all pairs of an accumulator.
template <class Accumulator, class Visit>
void for_each_pair(Accumulator& accumulator, Visit visit) {
  for (unsigned t = 0; t < warpgroup_threads; ++t)
    for (int r = 0; r < accumulator.columns / 2; r += 2) {
      const int row = row_of_thread(t) + r / 2 % 2 * 8, column = column_of_thread(t) + r / 4 * 8;
      visit(t, accumulator.registers[t] + r, accumulator.values.data() + row * accumulator.columns + column);
    }
}

// Loads that AddressSanitizer does not see; volatile, so that they do not become a memcpy, which it would see.
__attribute__((no_sanitize("address"))) void read_anywhere(const volatile std::uint32_t* from, std::uint32_t* to) {
  for (int i = 0; i < 4; ++i) to[i] = from[i];
}

const WgmmaArguments& of(void* const* arguments, unsigned t) {
  return *static_cast<const WgmmaArguments*>(arguments[t]);
}

Thread& thread_of(Block& block, unsigned warpgroup, unsigned t) {
  return block.thread(warpgroup * warpgroup_threads + t);
}

bool overlap(const float* a, int a_columns, const float* b, int b_columns) {
  return a < b + b_columns / 2 && b < a + a_columns / 2;
}

}  // namespace

unsigned WgmmaAccumulator::first_changed() const {
  unsigned first = warpgroup_threads;
  for_each_pair(*this, [&](unsigned t, const float* held, const float* left) {
    const void* expected = under_way ? static_cast<const void*>(&poisoned_pair) : left;
    // NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): the bits, since the poison is a NaN
    if (std::memcmp(held, expected, 8) != 0) first = std::min(first, t);
  });
  return first;
}
void WgmmaAccumulator::read() {
  for_each_pair(*this, [](unsigned, const float* from, float* to) { std::memcpy(to, from, 8); });
}
void WgmmaAccumulator::write() const {
  for_each_pair(*this, [](unsigned, float* to, const float* from) { std::memcpy(to, from, 8); });
}
void WgmmaAccumulator::poison() const {
  for (float* of_thread : registers)
    std::memset(of_thread, 0xff, static_cast<std::size_t>(columns) / 2 * sizeof(float));
}

WgmmaFragment::Values WgmmaFragment::read() const {
  Values now;
  for (unsigned t = 0; t < warpgroup_threads; ++t) read_anywhere(registers[t], now[t].data());
  return now;
}

void WgmmaRegisters::begin() {
  under_way.clear();
  committed = 0;
  accumulators_.clear();
  fragments_.clear();
  fenced_ = false;
}

void WgmmaRegisters::require_unchanged(Block& block, unsigned warpgroup, const Operation& operation,
                                       const WgmmaAccumulator& accumulator) const {
  const unsigned t = accumulator.first_changed();
  if (t == warpgroup_threads) return;
  const Thread& thread = thread_of(block, warpgroup, t);
  if (accumulator.under_way)
    fault(
        thread, operation,
        fmt::format("the thread wrote to the registers of d while {} on them is under way: wgmma_wait must come first",
                    describe(accumulator.last)));
  fault(thread, operation,
        fmt::format("the thread wrote to the registers of d after {} left them: wgmma_fence must come in between",
                    describe(accumulator.last)));
}

void WgmmaRegisters::fence(Block& block, unsigned warpgroup, const Operation& operation) {
  for (const auto& accumulator : accumulators_) {
    if (accumulator->under_way) {
      require_unchanged(block, warpgroup, operation, *accumulator);
    } else {
      accumulator->read();
    }
  }
  for (WgmmaFragment& fragment : fragments_) fragment.values = fragment.read();
  fenced_ = true;
}

WgmmaAccumulator& WgmmaRegisters::use_d(Block& block, unsigned warpgroup, const Operation& operation,
                                        void* const* arguments) {
  const int columns = of(arguments, 0).columns;
  std::array<float*, warpgroup_threads> registers{};
  for (unsigned t = 0; t < warpgroup_threads; ++t) registers[t] = of(arguments, t).d;
  for (const auto& known : accumulators_)
    if (known->columns == columns && known->registers == registers) {
      require_unchanged(block, warpgroup, operation, *known);
      return *known;
    }
  // Registers that were of another accumulator are new ones, unless that is still in use.
  std::erase_if(accumulators_, [&](const auto& known) {
    for (unsigned t = 0; t < warpgroup_threads; ++t) {
      if (!overlap(known->registers[t], known->columns, registers[t], columns)) continue;
      if (known->under_way)
        fault(
            thread_of(block, warpgroup, t), operation,
            fmt::format("its d shares registers with that of {}, which is under way with n = {}: wgmma_wait must come "
                        "first",
                        describe(known->last), known->columns));
      return true;
    }
    return false;
  });
  if (!fenced_)
    fault(thread_of(block, warpgroup, 0), operation,
          "the registers of d are used for the first time, with no wgmma_fence since the last wgmma_wait");
  auto& made = accumulators_.emplace_back(std::make_unique<WgmmaAccumulator>());
  made->registers = registers;
  made->columns = columns;
  made->values.resize(static_cast<std::size_t>(wgmma_rows) * columns);
  made->read();
  return *made;
}

std::shared_ptr<WgmmaFragment> WgmmaRegisters::use_a(Block& block, unsigned warpgroup, const Operation& operation,
                                                     void* const* arguments) {
  if (of(arguments, 0).a == nullptr) return nullptr;
  auto used = std::make_shared<WgmmaFragment>();
  for (unsigned t = 0; t < warpgroup_threads; ++t) used->registers[t] = of(arguments, t).a;
  used->values = used->read();
  const auto known = std::find_if(fragments_.begin(), fragments_.end(),
                                  [&](const WgmmaFragment& other) { return other.registers == used->registers; });
  if (known == fragments_.end()) {
    if (!fenced_)
      fault(thread_of(block, warpgroup, 0), operation,
            "the registers of A are used for the first time, with no wgmma_fence since the last wgmma_wait");
    fragments_.push_back(*used);
    return used;
  }
  for (unsigned t = 0; t < warpgroup_threads; ++t)
    if (known->values[t] != used->values[t])
      fault(thread_of(block, warpgroup, t), operation,
            "the thread wrote to the registers of A since the last wgmma_fence: it must come in between");
  return used;
}

void WgmmaRegisters::wait(Block& block, unsigned warpgroup, const Operation& operation, std::uint64_t groups) {
  for (const WgmmaUnderWay& over : under_way) {
    if (over.group >= groups || over.a == nullptr) continue;
    const WgmmaFragment::Values now = over.a->read();
    for (unsigned t = 0; t < warpgroup_threads; ++t)
      if (now[t] != over.a->values[t])
        fault(thread_of(block, warpgroup, t), operation,
              fmt::format("the thread wrote to the registers of A of {} before this wait", describe(over.operation)));
  }
  std::erase_if(under_way, [&](const WgmmaUnderWay& over) { return over.group < groups; });
  for (const auto& accumulator : accumulators_) {
    if (!accumulator->under_way) continue;
    require_unchanged(block, warpgroup, operation, *accumulator);
    if (accumulator->group >= groups) continue;
    accumulator->under_way = false;
    accumulator->write();
  }
  fenced_ = false;
}

}  // namespace kernelgate::simt::executor
