// Everything that one GPU is judged by without the others.
#include <algorithm>
#include <map>

#include "harness/accept/judge/judge.h"
#include "harness/accept/judge/test_makers.h"

namespace kernelgate::accept {
namespace {

Tested judge_process(const Measured& gpu) {
  Tested test = make_test(gpu.gpu, "process", "The GPU stayed usable");
  test.seconds = gpu.load.seconds;
  if (gpu.links.error == stopped || gpu.load.error == stopped) {
    test.outcome = Outcome::inconclusive;
    test.says = stopped;
    return test;
  }
  if (!gpu.links.error.empty()) return decided(std::move(test), false, "measuring its links: " + gpu.links.error);
  if (!gpu.load.error.empty())
    return decided(std::move(test), false, fmt::format("{}: {}", gpu.load.doing, gpu.load.error));
  return decided(std::move(test), true, "its processes ended as they should");
}

/// Why nothing of the load is there.
std::string why_no_load(const Load& load, const std::string& reason) {
  if (!load.no_kernels.empty()) return load.no_kernels;
  const std::string early = ended_early(load);
  return early.empty() ? reason : early;
}

Tested judge_memory_rate(const Measured& gpu, const char* id, const char* title, const Fact<double>& rate) {
  const Load& load = gpu.load;
  Tested test = make_test(gpu.gpu, id, title, "memory_share");
  test.seconds = load.memory.seconds;
  if (!rate.value) return not_tested(std::move(test), why_no_load(load, rate.reason));
  if (!load.memory.peak.value)
    return not_tested(std::move(test),
                      fmt::format("{:.0f} GB/s, and no threshold: {}", *rate.value / 1e9, load.memory.peak.reason));
  return judged_rate(std::move(test), *rate.value, *load.memory.peak.value, "memory clock times bus width",
                     load.other_processes);
}

Tested judge_pattern(const Measured& gpu) {
  const Memory& memory = gpu.load.memory;
  Tested test = make_test(gpu.gpu, "memory.pattern", "Memory reads as it was written", "memory_pattern");
  test.seconds = memory.seconds;
  if (!memory.done && memory.wrong_words == 0)
    return not_tested(std::move(test), why_no_load(gpu.load, "not measured"));
  test.value = {static_cast<double>(memory.wrong_words), ""};
  test.least = {0.0, ""};
  test.unit = "wrong words";
  const double gib = static_cast<double>(memory.bytes) / (1 << 30);
  if (memory.wrong_words > 0)
    return decided(std::move(test), false,
                   fmt::format("{} wrong words in {:.2f} GiB; {}", memory.wrong_words, gib, memory.first_wrong));
  return decided(std::move(test), true, fmt::format("{:.2f} GiB, each bit both ways", gib));
}

std::string place_of(const Fault& fault) {
  const std::string where = fault.multiprocessor < 0 ? "a block that reported nothing"
                                                     : fmt::format("multiprocessor {}", fault.multiprocessor);
  const std::string text = fmt::format("{}, launch {} ({})", where, fault.launch, fault.phase);
  if (fault.got.empty()) return text + ", the digest alone is wrong";
  return text + fmt::format(", pass {}, element [{}, {}] of warp {}: {} and not {}{}", fault.pass, fault.row,
                            fault.column, fault.warp, fault.got, fault.expected,
                            fault.alone ? "; all other multiprocessors had it right" : "");
}

/// What all phases of a kind found together.
struct OfKind {
  std::int64_t launches = 0, wrong = 0, multiprocessors = 0;
  double seconds = 0;
  std::string not_tested;
  const Fault* first = nullptr;
  std::map<std::int64_t, int> where;
};

OfKind add_up(const Load& load, const std::string& kind) {
  OfKind all;
  for (const Products& one : load.products) {
    if (one.kind != kind) continue;
    if (!one.not_tested.empty()) all.not_tested = one.not_tested;
    all.launches += one.launches;
    all.wrong += one.wrong_launches;
    all.seconds += one.seconds;
    all.multiprocessors = std::max(all.multiprocessors, one.multiprocessors);
    for (const Fault& fault : one.faults) {
      if (!all.first) all.first = &fault;
      ++all.where[fault.multiprocessor];
    }
  }
  return all;
}

}  // namespace

Tests judge_products(const Measured& gpu) {
  const Load& load = gpu.load;
  Tests tests;
  Tested self = make_test(gpu.gpu, "sdc.self_test", "A planted bit is found");
  if (load.self_test.value)
    tests.push_back(decided(std::move(self), *load.self_test.value,
                            *load.self_test.value
                                ? "a bit flipped on purpose was found where it was"
                                : "a bit flipped on purpose was not found: the test can't be trusted"));
  else
    tests.push_back(not_tested(std::move(self), why_no_load(load, load.self_test.reason)));
  for (const char* kind : {"f16", "bf16", "tf32", "s8", "e4m3", "f64"}) {
    Tested test = make_test(gpu.gpu, std::string("sdc.") + kind, std::string("Products in ") + kind, "sdc");
    const OfKind all = add_up(load, kind);
    test.seconds = all.seconds;
    if (all.launches == 0) {
      tests.push_back(
          not_tested(std::move(test), all.not_tested.empty() ? why_no_load(load, "not measured") : all.not_tested));
      continue;
    }
    test.value = {static_cast<double>(all.wrong), ""};
    test.least = {0.0, ""};
    test.unit = "wrong launches";
    if (all.wrong > 0) {
      const std::string several =
          all.where.size() > 1 ? fmt::format("; {} multiprocessors are concerned", all.where.size()) : "";
      tests.push_back(decided(std::move(test), false,
                              fmt::format("{} of {} launches were wrong; the first: {}{}", all.wrong, all.launches,
                                          all.first ? place_of(*all.first) : "not kept", several)));
      continue;
    }
    if (all.multiprocessors < load.multiprocessors) {
      test.outcome = Outcome::inconclusive;
      test.says = fmt::format("{} launches, every bit right, but only {} of {} multiprocessors took part", all.launches,
                              all.multiprocessors, load.multiprocessors);
      tests.push_back(std::move(test));
      continue;
    }
    tests.push_back(
        decided(std::move(test), true,
                fmt::format("{} launches, {} multiprocessors, every bit right", all.launches, all.multiprocessors)));
  }
  return tests;
}

Tests judge_gpu(const Measured& gpu) {
  Tests tests = {judge_process(gpu)};
  const auto add = [&](Tests more) { tests.insert(tests.end(), more.begin(), more.end()); };
  add(judge_links(gpu));
  tests.push_back(judge_memory_rate(gpu, "memory.copy", "Copies within its memory", gpu.load.memory.copy));
  tests.push_back(judge_memory_rate(gpu, "memory.read", "Reads of its memory", gpu.load.memory.read));
  tests.push_back(judge_pattern(gpu));
  add(judge_products(gpu));
  add(judge_errors(gpu));
  return tests;
}

}  // namespace kernelgate::accept
