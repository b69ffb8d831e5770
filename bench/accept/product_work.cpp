#include "bench/accept/product_work.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

namespace kernelgate::accept {
namespace {

using Clock = std::chrono::steady_clock;
using sdc::BlockReport;

constexpr unsigned blocks_of_multiprocessor = 4;  // of 256 threads; of e4m3 two are there at once
constexpr int launches_of_batch = 32;
constexpr std::size_t most_faults = 8;
constexpr sdc::Word most_multiprocessors = 4096;  // what says more was never written

}  // namespace

/// The work of a kind on the GPU: two patterns of operands.
struct ProductWork::Prepared {
  Prepared(const DriverGpu& gpu, const OwnKernel& found, sdc::Kind kind, std::uint64_t seed, unsigned blocks)
      : kernel(gpu, found), reports(gpu, std::size_t{2} * launches_of_batch * blocks * sizeof(BlockReport)) {
    for (const sdc::Pattern pattern : {sdc::Pattern::random, sdc::Pattern::toggling}) {
      works.push_back(make_work(kind, pattern, seed));
      const sdc::Work& work = works.back();
      for (const auto* words : {&work.a, &work.b, &work.expected}) {
        memory.push_back(std::make_unique<GpuMemory>(gpu, words->size() * sizeof(sdc::Word)));
        memory.back()->upload(words->data(), memory.back()->bytes());
      }
    }
  }

  sdc::Run run(std::size_t pattern, sdc::Word passes, std::size_t first_report) const {
    const auto at = [&](std::size_t which) { return memory[3 * pattern + which]->as<sdc::Word>(); };
    sdc::Run made;
    made.a = at(0);
    made.b = at(1);
    made.expected = at(2);
    made.reports = reports.as<BlockReport>() + first_report;
    made.passes = passes;
    return made;
  }

  LoadedKernel kernel;
  std::vector<sdc::Work> works;
  std::vector<std::unique_ptr<GpuMemory>> memory;
  GpuMemory reports;
};

ProductWork::ProductWork(const DriverGpu& gpu, const std::vector<OwnImage>& images, std::uint64_t seed)
    : gpu_(gpu),
      images_(images),
      seed_(seed),
      blocks_(blocks_of_multiprocessor * static_cast<unsigned>(std::max(gpu.multiprocessors(), 1))) {}

std::string ProductWork::why_not(sdc::Kind kind) const {
  const int cc = gpu_.compute_capability();
  if (cc < capability_of(kind))
    return fmt::format("needs compute capability {}.{}", capability_of(kind) / 10, capability_of(kind) % 10);
  if (find_kernel(images_, fmt::format("sdc_{}", to_string(kind)), cc).image) return "";
  return fmt::format(
      "this build has no kernels for compute capability {}.{}; build with -DKERNELGATE_CUDA_ARCHS, or use "
      "the bundle",
      cc / 10, cc % 10);
}

ProductWork::Prepared& ProductWork::prepared(sdc::Kind kind) {
  std::shared_ptr<Prepared>& work = prepared_[kind];
  if (!work)
    work = std::make_shared<Prepared>(
        gpu_, find_kernel(images_, fmt::format("sdc_{}", to_string(kind)), gpu_.compute_capability()), kind, seed_,
        blocks_);
  return *work;
}

unsigned ProductWork::passes_of_half_a_millisecond(const Prepared& work) {
  constexpr unsigned first = 8;
  constexpr double wanted_s = 5e-4;
  double taken = 0;
  const TimedStream stream(gpu_);
  for (int i = 0; i < 3; ++i) {  // the first is slow: code and clocks are not there yet
    stream.begin();
    work.kernel.launch(blocks_, sdc::threads, sdc::shared_bytes, stream.stream(), work.run(0, first, 0));
    stream.end();
    taken = stream.wait();
  }
  if (taken <= 0) return first;
  return static_cast<unsigned>(std::clamp(std::round(first * wanted_s / taken), 2.0, 4096.0));
}

Products ProductWork::run(sdc::Kind kind, const std::string& phase, double seconds, std::int64_t fewest,
                          const std::function<void(const Products&, double flop_per_s)>& on_batch) {
  Products products;
  products.kind = to_string(kind);
  products.phase = phase;
  products.not_tested = why_not(kind);
  if (!products.not_tested.empty()) return products;
  Prepared& work = prepared(kind);
  const sdc::Word passes = passes_of_half_a_millisecond(work);
  products.passes = passes;
  const sdc::Word digests[] = {expected_digest(work.works[0], passes), expected_digest(work.works[1], passes)};
  const double flop = flop_of(kind, blocks_, passes);
  const TimedStream first_half(gpu_), second_half(gpu_);
  const TimedStream* const streams[] = {&first_half, &second_half};
  const std::size_t of_batch = std::size_t{launches_of_batch} * blocks_;
  // Both halves on one stream, one behind the other: the second waits on the GPU while the first is looked at here.
  const auto enqueue = [&](int half) {
    const std::size_t first = static_cast<std::size_t>(half) * of_batch;
    gpu_.call("cuMemsetD32Async", work.reports.address() + first * sizeof(BlockReport), ~0U,
              of_batch * sizeof(BlockReport) / 4, streams[0]->stream());
    gpu_.call("cuEventRecord", streams[half]->begin_event(), streams[0]->stream());
    for (int launch = 0; launch < launches_of_batch; ++launch)
      work.kernel.launch(blocks_, sdc::threads, sdc::shared_bytes, streams[0]->stream(),
                         work.run(static_cast<std::size_t>(half), passes, first + std::size_t(launch) * blocks_));
    gpu_.call("cuEventRecord", streams[half]->end_event(), streams[0]->stream());
  };
  const auto begin = Clock::now();
  std::vector<BlockReport> reports(of_batch), one(blocks_);
  std::vector<bool> seen;
  enqueue(0);
  for (int half = 0;; half = 1 - half) {
    const bool more = products.launches + launches_of_batch < fewest ||
                      std::chrono::duration<double>(Clock::now() - begin).count() < seconds;
    if (more) enqueue(1 - half);
    const double taken = streams[half]->wait();
    work.reports.download(reports.data(), of_batch * sizeof(BlockReport),
                          static_cast<std::size_t>(half) * of_batch * sizeof(BlockReport));
    for (int launch = 0; launch < launches_of_batch; ++launch) {
      std::copy_n(reports.begin() + static_cast<std::ptrdiff_t>(launch) * blocks_, blocks_, one.begin());
      for (const BlockReport& report : one)
        if (report.multiprocessor < most_multiprocessors) {
          if (report.multiprocessor >= seen.size()) seen.resize(report.multiprocessor + 1);
          seen[report.multiprocessor] = true;
        }
      compare_reports(kind, one, digests[half], products.launches + launch, products);
    }
    products.launches += launches_of_batch;
    products.seconds += taken;
    products.flop += launches_of_batch * flop;
    products.multiprocessors = std::count(seen.begin(), seen.end(), true);
    on_batch(products, taken > 0 ? launches_of_batch * flop / taken : 0);
    if (!more) return products;
  }
}

bool ProductWork::finds_a_planted_bit() {
  constexpr sdc::Word passes = 4;
  Prepared& work = prepared(sdc::Kind::f16);
  sdc::Run run = work.run(0, passes, 0);
  const auto multiprocessor = static_cast<sdc::Word>(gpu_.multiprocessors() / 2);
  run.flip = {multiprocessor, 2, 77, 5, 1u << 12};
  const TimedStream stream(gpu_);
  stream.begin();
  work.kernel.launch(blocks_, sdc::threads, sdc::shared_bytes, stream.stream(), run);
  stream.end();
  stream.wait();
  std::vector<BlockReport> reports(blocks_);
  work.reports.download(reports.data(), reports.size() * sizeof(BlockReport));
  const sdc::Word right = expected_digest(work.works[0], passes);
  int found = 0;
  for (const BlockReport& report : reports) {
    if (report.multiprocessor != multiprocessor) {
      if (report.wrong != 0 || report.digest != right) return false;
      continue;
    }
    ++found;
    if (report.wrong != 1 || report.digest == right || report.pass != 2 || report.thread != 77 || report.word != 5 ||
        (report.got ^ report.expected) != run.flip.mask)
      return false;
  }
  return found > 0;
}

void compare_reports(sdc::Kind kind, const std::vector<BlockReport>& reports, sdc::Word expected, std::int64_t launch,
                     Products& products) {
  const auto right = [&](const BlockReport& one) { return one.digest == expected && one.wrong == 0; };
  if (std::ranges::all_of(reports, right)) return;
  ++products.wrong_launches;
  std::map<sdc::Word, std::size_t> digests;
  for (const BlockReport& one : reports) ++digests[one.digest];
  const auto most = std::ranges::max_element(digests, {}, [](const auto& one) { return one.second; });
  for (const BlockReport& one : reports) {
    if (right(one) || products.faults.size() >= most_faults) continue;
    Fault fault;
    fault.phase = products.phase;
    fault.multiprocessor = one.multiprocessor < most_multiprocessors ? std::int64_t{one.multiprocessor} : -1;
    fault.launch = launch;
    fault.alone = most->first == expected && 2 * most->second > reports.size();
    if (one.wrong != 0 && one.thread < sdc::threads && one.word < sdc::sum_words) {
      const sdc::Element at = element_of(kind, one.thread, one.word);
      fault.pass = one.pass;
      fault.warp = at.warp;
      fault.row = at.row;
      fault.column = at.column;
      fault.got = fmt::format("{:#010x}", one.got);
      fault.expected = fmt::format("{:#010x}", one.expected);
    }
    products.faults.push_back(std::move(fault));
  }
}

}  // namespace kernelgate::accept
