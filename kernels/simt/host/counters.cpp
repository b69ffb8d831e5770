#include "kernels/simt/host/counters.h"

#include <atomic>
#include <iterator>
#include <mutex>

namespace kernelgate::simt {
namespace {

#define SIMT_COUNTER(field) \
  { #field, &Counters::field }
// clang-format off
constexpr CounterField fields[] = {
    SIMT_COUNTER(global_reads),
    SIMT_COUNTER(global_read_bytes),
    SIMT_COUNTER(global_read_sectors),
    SIMT_COUNTER(global_writes),
    SIMT_COUNTER(global_written_bytes),
    SIMT_COUNTER(global_written_sectors),
    SIMT_COUNTER(cp_async_bytes),
    SIMT_COUNTER(tma_read_bytes),
    SIMT_COUNTER(tma_written_bytes),
    SIMT_COUNTER(atomics),
    SIMT_COUNTER(shared_loads),
    SIMT_COUNTER(shared_stores),
    SIMT_COUNTER(ldmatrix),
    SIMT_COUNTER(stmatrix),
    SIMT_COUNTER(shared_read_bytes),
    SIMT_COUNTER(shared_written_bytes),
    SIMT_COUNTER(shared_wavefronts),
    SIMT_COUNTER(shared_load_conflicts),
    SIMT_COUNTER(shared_store_conflicts),
    SIMT_COUNTER(ldmatrix_conflicts),
    SIMT_COUNTER(stmatrix_conflicts),
    SIMT_COUNTER(cp_async_conflicts),
    SIMT_COUNTER(mma_m16n8k8),
    SIMT_COUNTER(mma_m16n8k16),
    SIMT_COUNTER(wgmma),
    SIMT_COUNTER(tensor_flop),
    SIMT_COUNTER(block_barriers),
    SIMT_COUNTER(named_barriers),
    SIMT_COUNTER(warp_barriers),
    SIMT_COUNTER(cluster_barriers),
    SIMT_COUNTER(mbarrier_waits),
};
// clang-format on
#undef SIMT_COUNTER
static_assert(sizeof(Counters) == std::size(fields) * sizeof(std::uint64_t), "a counter is missing from the table");

std::atomic<int> scopes{0};
std::mutex total_mutex;
Counters total;
MemoryCalls total_calls;

}  // namespace

std::span<const CounterField> counter_fields() { return fields; }

Counters& Counters::operator+=(const Counters& other) {
  for (const CounterField& field : fields) this->*field.value += other.*field.value;
  return *this;
}

Counters& Counters::operator-=(const Counters& other) {
  for (const CounterField& field : fields) this->*field.value -= other.*field.value;
  return *this;
}

CountersScope::CountersScope() {
  const std::lock_guard lock(total_mutex);
  before_ = total;
  calls_before_ = total_calls;
  ++scopes;
}
CountersScope::~CountersScope() { --scopes; }

Counters CountersScope::counters() const {
  const std::lock_guard lock(total_mutex);
  Counters since = total;
  return since -= before_;
}

MemoryCalls CountersScope::calls() const {
  const std::lock_guard lock(total_mutex);
  MemoryCalls since = total_calls;
  return since -= calls_before_;
}

namespace executor {

bool counting() { return scopes > 0; }

void add_counters(const Counters& launch, const MemoryCalls& calls) {
  const std::lock_guard lock(total_mutex);
  total += launch;
  total_calls += calls;
}

}  // namespace executor
}  // namespace kernelgate::simt
