// Asks cuDNN's heuristics for engines, builds them, times them. Mode A alone is not a fair opponent: its first
// choice has been many times slower than the best in some releases.

#include "bench/peers/cudnn/cudnn_plan.h"

#include <cuda_runtime.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>
#include <span>

namespace kernelgate::cudnn {
namespace {

constexpr std::int64_t workspace_limit_bytes = std::int64_t{1} << 30;

void check_cuda(cudaError_t error, const char* call) {
  if (error == cudaSuccess) return;
  cudaGetLastError();  // not sticky errors stay with the thread until they are read
  throw DeviceError(fmt::format("{}: {}", call, cudaGetErrorString(error)));
}

class Event {
 public:
  Event() { check_cuda(cudaEventCreate(&event_), "cudaEventCreate"); }
  ~Event() { cudaEventDestroy(event_); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  void record() const { check_cuda(cudaEventRecord(event_, nullptr), "cudaEventRecord"); }
  double seconds_since(const Event& begin) const {
    float elapsed_ms = 0;
    check_cuda(cudaEventSynchronize(event_), "cudaEventSynchronize");
    check_cuda(cudaEventElapsedTime(&elapsed_ms, begin.event_, event_), "cudaEventElapsedTime");
    return 1e-3 * static_cast<double>(elapsed_ms);
  }

 private:
  cudaEvent_t event_ = nullptr;
};

std::vector<Descriptor> propose(const Graph& graph, cudnnBackendHeurMode_t mode) {
  Descriptor heuristic(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
  heuristic.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, *graph.graph).set(CUDNN_ATTR_ENGINEHEUR_MODE, mode).finalize();
  const std::int64_t count =
      heuristic.get_raw(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, nullptr);
  std::vector<Descriptor> configs;
  std::vector<cudnnBackendDescriptor_t> raw;
  for (std::int64_t i = 0; i < count; ++i) {
    configs.emplace_back(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
    raw.push_back(configs.back().get());
  }
  // The library fills the descriptors that it is handed, perhaps fewer than it announced.
  const std::int64_t filled =
      heuristic.get_raw(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR, count, raw.data());
  while (std::ssize(configs) > filled) configs.pop_back();
  return configs;
}

Descriptor engine_of(const Descriptor& config) {
  Descriptor engine(CUDNN_BACKEND_ENGINE_DESCRIPTOR);
  cudnnBackendDescriptor_t raw = engine.get();
  config.get_raw(CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &raw);
  return engine;
}

/// The engine's number and its knobs: the heuristic modes propose much the same, and building takes long.
std::vector<std::int64_t> identity(const Descriptor& config) {
  std::vector<std::int64_t> key{engine_of(config).get<std::int64_t>(CUDNN_ATTR_ENGINE_GLOBAL_INDEX)};
  std::vector<Descriptor> knobs;
  std::vector<cudnnBackendDescriptor_t> raw;
  for (int i = 0; i < CUDNN_KNOB_TYPE_COUNTS; ++i) {
    knobs.emplace_back(CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR);
    raw.push_back(knobs.back().get());
  }
  const std::int64_t count =
      config.get_raw(CUDNN_ATTR_ENGINECFG_KNOB_CHOICES, CUDNN_TYPE_BACKEND_DESCRIPTOR, std::ssize(raw), raw.data());
  std::map<std::int64_t, std::int64_t> chosen;
  for (std::int64_t i = 0; i < std::min(count, std::ssize(knobs)); ++i) {
    const Descriptor& knob = knobs[static_cast<std::size_t>(i)];
    chosen[knob.get<cudnnBackendKnobType_t>(CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE)] =
        knob.get<std::int64_t>(CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE);
  }
  for (const auto& [type, value] : chosen) key.insert(key.end(), {type, value});
  return key;
}

/// False for Winograd, FFT and sums in half precision: they are outside the bound of the op's contract, so
/// they would win by computing something else.
bool exact_enough(const Descriptor& config) {
  std::array<cudnnBackendNumericalNote_t, CUDNN_NUMERICAL_NOTE_TYPE_COUNT> notes{};
  const std::int64_t count = engine_of(config).get_raw(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE,
                                                       std::ssize(notes), notes.data());
  constexpr std::array inexact{CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION,
                               CUDNN_NUMERICAL_NOTE_FFT,
                               CUDNN_NUMERICAL_NOTE_WINOGRAD,
                               CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_4x4,
                               CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_6x6,
                               CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_13x13};
  const auto present = std::span(notes).first(static_cast<std::size_t>(std::min(count, std::ssize(notes))));
  return std::ranges::find_first_of(present, inexact) == present.end();
}

/// Seconds a run; gives up after one run on a plan that can't win.
double time_plan(cudnnHandle_t handle, const Descriptor& plan, const Descriptor& pack, double best) {
  const Event begin, end;
  const auto timed = [&](int runs) {
    begin.record();
    for (int i = 0; i < runs; ++i) check(api().execute(handle, plan.get(), pack.get()), "cudnnBackendExecute");
    end.record();
    return end.seconds_since(begin) / runs;
  };
  timed(1);  // loads the kernel's code
  const double once = timed(1);
  return once > 3 * best ? once : timed(5);
}

}  // namespace

Plan::Candidate Plan::build(cudnnHandle_t handle, const Graph& graph, Descriptor config) {
  Candidate candidate;
  candidate.config = std::make_unique<Descriptor>(std::move(config));
  candidate.plan = std::make_unique<Descriptor>(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
  candidate.plan->set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, handle)
      .set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, *candidate.config)
      .finalize();
  candidate.workspace_bytes = candidate.plan->get<std::int64_t>(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE);
  candidate.pack = std::make_unique<Descriptor>(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
  candidate.pack->set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, graph.uids)
      .set_pointers(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, graph.pointers);
  return candidate;
}

Plan::Plan(const Device& device, cudnnHandle_t handle, Graph graph, Choose choose)
    : handle_(handle), graph_(std::move(graph)) {
  std::string reason = "cuDNN's heuristics propose no engine";
  std::set<std::vector<std::int64_t>> seen;
  double best_s = std::numeric_limits<double>::infinity();
  for (const auto mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_B, CUDNN_HEUR_MODE_FALLBACK}) {
    std::vector<Descriptor> configs;
    try {
      configs = propose(graph_, mode);
    } catch (const Error& why) {
      reason = why.what();
      continue;
    }
    for (Descriptor& config : configs) try {
        if (!seen.insert(identity(config)).second) continue;
        if (!exact_enough(config)) throw Unsupported("cuDNN has engines, but none that sums in f32");
        Candidate candidate = build(handle_, graph_, std::move(config));
        if (candidate.workspace_bytes > workspace_limit_bytes)
          throw Unsupported("cuDNN wants more than 1 GiB of workspace");
        Memory workspace(device, static_cast<std::size_t>(candidate.workspace_bytes));
        candidate.pack->set_pointers(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, {workspace.data()}).finalize();
        const double elapsed_s = time_plan(handle_, *candidate.plan, *candidate.pack, best_s);
        if (elapsed_s >= best_s) continue;
        best_s = elapsed_s;
        best_ = std::move(candidate);
        workspace_ = std::move(workspace);
        if (choose == Choose::first) return;
      } catch (const Error& why) {  // heuristics may propose what the engine then refuses, or fails to compile
        reason = why.what();
      }
  }
  if (!best_.plan) throw Unsupported(reason);
}

void Plan::run() const { check(api().execute(handle_, best_.plan->get(), best_.pack->get()), "cudnnBackendExecute"); }

}  // namespace kernelgate::cudnn
