#include "kernels/simt/host/wgmma.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "kernels/simt/host/cluster.h"
#include "kernels/simt/host/matrix_multiply.h"
#include "kernels/simt/host/smem_matrix.h"
#include "kernels/simt/host/warpgroup_operation.h"
#include "kernels/simt/host/wgmma_multiply.h"

namespace kernelgate::simt::executor {
namespace {

// Those of a warpgroup are done in the order of issue.
std::uint64_t wgmma_queue(const Block& block, unsigned warpgroup) {
  constexpr std::uint64_t kind = std::uint64_t{'w'} << 32;  // no other kind of operation has these numbers
  return kind + block.rank() * 8 + warpgroup;
}

// An operand in shared memory: where its chunks are, found and checked at issue, read when the wgmma lands.
struct SharedOperand {
  Major major = Major::k;
  unsigned extent = 0;
  std::vector<unsigned> chunks;
};

SharedOperand shared_operand(Thread& issuer, const Operation& operation, SmemDescriptor descriptor, Major major,
                             int extent, const char* name) {
  SharedOperand operand{major, static_cast<unsigned>(extent),
                        std::vector<unsigned>(static_cast<std::size_t>(extent) * 2)};
  find_chunks(issuer, operation, decode(issuer, operation, descriptor, name), major, operand.extent, name,
              operand.chunks.data());
  Block& block = *issuer.block;
  for (const unsigned at : operand.chunks)
    block.proxies().check_async(issuer, operation, block.shared().data() + at, 16, false);
  return operand;
}

// A in registers: 64 x 16, its fragments laid out as those of mma_m16n8k16.
void gather(const WgmmaFragment& fragment, std::uint16_t* elements) {
  for (unsigned t = 0; t < warpgroup_threads; ++t)
    for (int r = 0; r < 4; ++r) {
      std::uint16_t* to = elements + (row_of_thread(t) + r % 2 * 8) * wgmma_depth + column_of_thread(t) + r / 2 * 8;
      to[0] = static_cast<std::uint16_t>(fragment.values[t][static_cast<unsigned>(r)] & 0xffffu);
      to[1] = static_cast<std::uint16_t>(fragment.values[t][static_cast<unsigned>(r)] >> 16);
    }
}

struct Work {
  WgmmaForm form;
  bool add;
  std::shared_ptr<WgmmaFragment> a_registers;
  SharedOperand a, b;
  const std::byte* shared;
  WgmmaAccumulator* d;

  void perform() const {
    std::uint16_t elements[wgmma_depth * 256];
    alignas(32) float a_wide[wgmma_rows * wgmma_depth];
    alignas(32) float b_wide[wgmma_depth * 256];
    if (a_registers != nullptr) {
      gather(*a_registers, elements);
    } else {
      executor::gather(shared, a.chunks.data(), a.major, a.extent, true, elements);
    }
    widen(form.input, form.negate_a, elements, a_wide, wgmma_rows * wgmma_depth);
    executor::gather(shared, b.chunks.data(), b.major, b.extent, false, elements);
    widen(form.input, form.negate_b, elements, b_wide, wgmma_depth * d->columns);
    multiply(a_wide, b_wide, d->values.data(), {wgmma_rows, d->columns, wgmma_depth}, add);
  }
};

// The instruction takes one value for the warpgroup; on a GPU it is the compiler that would pick some thread's.
void require_uniform(Block& block, unsigned warpgroup, const Operation& operation, void* const* arguments) {
  const auto& first = *static_cast<const WgmmaArguments*>(arguments[0]);
  for (unsigned t = 1; t < warpgroup_threads; ++t) {
    const auto& mine = *static_cast<const WgmmaArguments*>(arguments[t]);
    const auto check = [&](const char* what, std::uint64_t value, std::uint64_t wanted) {
      if (value != wanted)
        fault(block.thread(warpgroup * warpgroup_threads + t), operation,
              fmt::format("{} is {:#x} here, {:#x} in thread {}: must be the same in the whole warpgroup", what, value,
                          wanted, describe(block.thread(warpgroup * warpgroup_threads).index)));
    };
    check("the descriptor of A", mine.a_matrix.bits, first.a_matrix.bits);
    check("the descriptor of B", mine.b_matrix.bits, first.b_matrix.bits);
    check("scale_d", mine.scale_d, first.scale_d);
  }
}

void issue(Block& block, unsigned warpgroup, const Operation& operation, void* const* arguments) {
  require_uniform(block, warpgroup, operation, arguments);
  const auto& first = *static_cast<const WgmmaArguments*>(arguments[0]);
  Thread& issuer = block.thread(warpgroup * warpgroup_threads);
  WgmmaRegisters& registers = block.warpgroup(warpgroup).wgmma;

  Work work{first.form, first.scale_d,         registers.use_a(block, warpgroup, operation, arguments), {},
            {},         block.shared().data(), &registers.use_d(block, warpgroup, operation, arguments)};
  if (first.a == nullptr) work.a = shared_operand(issuer, operation, first.a_matrix, first.form.a, wgmma_rows, "A");
  work.b = shared_operand(issuer, operation, first.b_matrix, first.form.b, first.columns, "B");

  if (BlockCounters* counters = block.counters()) counters->note_wgmma(first.columns, wgmma_depth);

  WgmmaAccumulator& d = *work.d;
  d.under_way = true;
  d.group = registers.committed;
  d.last = operation;
  d.poison();
  const auto a = work.a_registers;
  AsyncOperation step;
  step.operation = operation;
  step.issuer = &issuer;
  step.queue = wgmma_queue(block, warpgroup);
  step.on_demand = true;
  step.steps.emplace_back([work = std::move(work)] { work.perform(); });
  registers.under_way.push_back({block.cluster().engine().issue(std::move(step)), d.group, operation, a});
}

}  // namespace

void wgmma(const Operation& operation, WgmmaArguments mine) { warpgroup_operation(operation, &mine, issue); }

void wgmma_fence(const Operation& operation) {
  warpgroup_operation(operation, nullptr, [](Block& block, unsigned warpgroup, const Operation& at, void* const*) {
    block.warpgroup(warpgroup).wgmma.fence(block, warpgroup, at);
  });
}

void wgmma_commit(const Operation& operation) {
  warpgroup_operation(operation, nullptr, [](Block& block, unsigned warpgroup, const Operation&, void* const*) {
    ++block.warpgroup(warpgroup).wgmma.committed;
  });
}

void wgmma_wait(const Operation& operation, int pending) {
  warpgroup_operation(operation, &pending, [](Block& block, unsigned warpgroup, const Operation& at, void* const* all) {
    WgmmaRegisters& registers = block.warpgroup(warpgroup).wgmma;
    const auto left = static_cast<std::uint64_t>(*static_cast<const int*>(all[0]));
    const std::uint64_t over = registers.committed - std::min(left, registers.committed);
    for (const WgmmaUnderWay& work : registers.under_way)
      if (work.group < over) block.cluster().engine().finish(work.ticket);
    registers.wait(block, warpgroup, at, over);
  });
}

}  // namespace kernelgate::simt::executor
