// What a GPU does while all of them work: memory, products, the steady load, and what NVML counts meanwhile.
#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "bench/accept/memory_work.h"
#include "bench/accept/product_work.h"
#include "bench/accept/worker.h"
#include "harness/accept/fields_json.h"
#include "harness/accept/thresholds.h"
#include "harness/base/printable.h"
#include "harness/check/machine/nvml.h"
#include "harness/measure/telemetry/gpu_monitor.h"

namespace kernelgate::accept {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t fewest_launches = 2048;  // a fault in one launch of a thousand is met
constexpr double most_samples = 1200;

class LoadWork {
 public:
  LoadWork(const WorkerOptions& options, const SayLine& say)
      : options_(options),
        say_{say},
        gpu_(opened(options.cuda_library), options.gpu),
        nvml_symbols_(open_symbols(nvml_error_, options.nvml_library.c_str())),
        nvml_(nvml_symbols_, nvml_error_),
        device_(nvml_.by_pci_bus_id(gpu_.pci_bus_id(), nvml_error_)),
        monitor_(nvml_, device_, nvml_error_.empty() ? nvml_.error() : nvml_error_, GpuMonitor::Events::watched) {}

  void run() {
    const std::vector<OwnImage>& images = options_.images;
    ProductWork work(gpu_, images, options_.seed);
    say_({{"multiprocessors", gpu_.multiprocessors()}});
    say_({{"before", json_of(errors(before_))}});
    doing("its memory");
    memory(images);
    if (const std::string why = work.why_not(sdc::Kind::f16); !why.empty()) {
      say_({{"no_kernels", why}});
      doing("counting");
      return count();
    }
    doing("a planted bit");
    say_({{"self_test", work.finds_a_planted_bit()}});
    for (const sdc::Kind kind : sdc::all_kinds) products(work, kind, "cold");
    steady(work);
    for (const sdc::Kind kind : sdc::all_kinds) products(work, kind, "hot");
    doing("counting");
    count();
  }

  /// What NVML still tells of a GPU that is of no use any more.
  void count() {
    const GpuCounters after = monitor_.counters();
    take_xids();
    const ThrottleSeconds between = throttled_between(before_.throttled_s, after.throttled_s);
    std::vector<Held> held;
    for (std::size_t i = 0; i < between.size(); ++i)
      held.push_back({throttle_causes[i].key, throttle_causes[i].text, throttle_causes[i].invalidates, between[i]});
    note_others(after);
    say_({{"held", json_of(held)},
          {"after", json_of(errors(after))},
          {"xids", json_of(xids_)},
          {"other_processes", others_},
          {"seconds", since(begin_)},
          {"counted", true}});
  }

 private:
  /// Adds braces' worth of JSON as one line.
  struct Say {
    const SayLine& say;
    void operator()(const nlohmann::json& document) const { say(line_of(document)); }
  };

  static double since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

  void doing(const std::string& what) { say_({{"doing", what}}); }

  void memory(const std::vector<OwnImage>& images) {
    Memory found;
    const auto tell = [&] {
      options_.expect_to_go_on();
      say_({{"memory", json_of(found)}});
    };
    constexpr int bus_width = 37;  // CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH
    const int bits = gpu_.attribute(bus_width);
    const Fact<std::int64_t> clock =
        device_ ? nvml_.api().number<unsigned>("nvmlDeviceGetMaxClockInfo", device_, nvml::Clock::memory)
                : missing<std::int64_t>(nvml_error_);
    if (clock.value && bits > 0)
      found.peak = {memory_bytes_per_s(static_cast<double>(*clock.value) * nvml::mega, bits), ""};
    else
      found.peak = missing<double>(clock.value ? "CUDA does not tell how wide its bus is" : clock.reason);
    measure_memory(gpu_, images, options_.memory_bytes, static_cast<std::uint32_t>(options_.seed), found, tell);
    tell();
  }

  void products(ProductWork& work, sdc::Kind kind, const std::string& phase) {
    doing("products in " + std::string(to_string(kind)) + ", " + phase);
    auto told = Clock::now();
    const Products found = work.run(kind, phase, options_.kind_s, fewest_launches, [&](const Products& so_far, double) {
      options_.expect_to_go_on();
      if (since(told) < 1) return;
      told = Clock::now();
      say_({{"add_products", json_of(so_far)}});
    });
    say_({{"add_products", json_of(found)}});
  }

  void steady(ProductWork& work) {
    doing("the steady load");
    const auto begin = Clock::now();
    const double period = std::max(1.0, options_.steady_s / most_samples);
    auto told = begin, sampled = begin;
    double flop = 0, seconds = 0;
    bool first = true;
    const auto on_batch = [&](const Products& so_far, double flop_per_s) {
      options_.expect_to_go_on();
      if (flop_per_s > 0) {
        const double batch_flop = so_far.flop - flop_before_;
        flop += batch_flop;
        seconds += batch_flop / flop_per_s;
        flop_before_ = so_far.flop;
      }
      // The first batch, too: however short the load, there is a sample.
      if (first || since(sampled) >= period) {
        sample(since(begin), seconds > 0 ? flop / seconds : 0);
        sampled = Clock::now();
        flop = seconds = 0;
        first = false;
      }
      if (since(told) < 1) return;
      told = Clock::now();
      say_({{"add_products", json_of(so_far)}});
    };
    flop_before_ = 0;
    const Products found = work.run(sdc::Kind::f16, "steady", options_.steady_s, fewest_launches, on_batch);
    if (seconds > 0) sample(since(begin), flop / seconds);
    say_({{"add_products", json_of(found)}});
  }

  void sample(double at_s, double flop_per_s) {
    const GpuState state = monitor_.state();
    Sample one;
    one.at_s = at_s;
    one.flop_per_s = flop_per_s;
    one.sm_clock_hz = state.sm_clock_hz;
    one.power_w = state.power_w;
    one.temperature_c = state.temperature_c;
    one.reasons = state.clocks_event_reasons;
    say_({{"add_sample", json_of(one)}});
    take_xids();
  }

  void take_xids() {
    bool lost = false;
    Fact<std::vector<std::int64_t>> fresh = monitor_.new_xids(lost);
    if (!fresh.value || !xids_.value) {
      xids_ = fresh.value ? fresh : xids_.value ? xids_ : fresh;
      return;
    }
    xids_.value->insert(xids_.value->end(), fresh.value->begin(), fresh.value->end());
  }

  void note_others(const GpuCounters& counters) {
    others_ = other_processes({&std::as_const(before_).processes, &counters.processes});
  }

  Errors errors(const GpuCounters& counters) const {
    Errors read;
    read.ecc_corrected = counters.ecc_corrected;
    read.ecc_uncorrected = counters.ecc_uncorrected;
    read.pcie_replays = counters.pcie_replays;
    unsigned corrected = 0, uncorrected = 0, pending = 0, failed = 0;
    const nvml::Return code =
        device_ ? nvml_.api().call("nvmlDeviceGetRemappedRows", device_, &corrected, &uncorrected, &pending, &failed)
                : nvml::function_not_found;
    const std::string why = device_ ? nvml::reason_text(code) : nvml_error_;
    const auto number = [&](unsigned value) {
      return code == nvml::success ? Fact<std::int64_t>{value, ""} : missing<std::int64_t>(why);
    };
    read.rows_corrected = number(corrected);
    read.rows_uncorrected = number(uncorrected);
    read.row_pending = nvml::as_bool(number(pending));
    read.row_failed = nvml::as_bool(number(failed));
    return read;
  }

  WorkerOptions options_;
  Say say_;
  DriverGpu gpu_;
  std::string nvml_error_;
  SymbolSource nvml_symbols_;
  nvml::Session nvml_;
  nvml::Handle device_;
  GpuMonitor monitor_;
  Clock::time_point begin_ = Clock::now();
  GpuCounters before_ = monitor_.counters();
  Fact<std::vector<std::int64_t>> xids_{std::nullopt, "not watched"};
  std::int64_t others_ = 0;
  double flop_before_ = 0;
};

void take(const nlohmann::json& document, Load& load) {
  if (const auto one = document.find("add_sample"); one != document.end()) {
    read_fields(*one, load.samples.emplace_back());
  } else if (const auto more = document.find("add_products"); more != document.end()) {
    Products products;
    read_fields(*more, products);
    const auto same = std::ranges::find_if(load.products, [&](const Products& other) {
      return other.kind == products.kind && other.phase == products.phase;
    });
    if (same == load.products.end())
      load.products.push_back(std::move(products));
    else
      *same = std::move(products);
  } else {
    read_fields(document, load);
  }
}

}  // namespace

const std::vector<std::string_view>& worker_kernels() {
  static const std::vector<std::string_view> all = {"sdc_f16",  "sdc_bf16", "sdc_tf32",    "sdc_s8",
                                                    "sdc_e4m3", "sdc_f64",  "memory_fill", "memory_check"};
  return all;
}

void measure_load(const WorkerOptions& options, const SayLine& say) {
  std::unique_ptr<LoadWork> work;
  try {
    work = std::make_unique<LoadWork>(options, say);
    work->run();
  } catch (const std::exception& error) {
    say(line_of({{"error", error.what()}}));
    if (work) work->count();
  }
}

void take_line(const std::string& text, Load& load) {
  const nlohmann::json document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object()) return;
  try {
    take(document, load);
  } catch (const nlohmann::json::exception&) {
    load.error = "said what can't be read: " + printable(text, 200);  // of this GPU; the others go on
  }
}

}  // namespace kernelgate::accept
