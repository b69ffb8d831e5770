// cuDNN's convolution as a peer: one fused graph, or where cuDNN can't fuse, two graphs with f32 sums between.

#include <fmt/format.h>

#include <map>
#include <mutex>

#include "bench/peers/cudnn/cudnn_plan.h"

namespace kernelgate::cudnn {
namespace {

/// One handle per GPU. Never destroyed: at exit the driver may be gone before it.
class Session {
 public:
  static Session& of(const Device& device) {
    static std::mutex mutex;
    static auto* const sessions = new std::map<int, Session>;
    const std::lock_guard lock(mutex);
    return sessions->try_emplace(device.ordinal).first->second;
  }

  Session() { check(api().create(&handle_), "cudnnCreate"); }

  cudnnHandle_t handle() const { return handle_; }

  void use(Stream stream) {
    if (stream == stream_) return;
    check(api().set_stream(handle_, stream), "cudnnSetStream");
    stream_ = stream;
  }

 private:
  cudnnHandle_t handle_ = nullptr;
  Stream stream_ = nullptr;  // a new handle's own
};

Support supports(const Device& device, const Conv2d::Problem& problem) {
  if (device.kind != DeviceKind::cuda) return Support::no("needs a GPU");
  if (problem.skip_c > 0) return Support::no("takes one input");
  return available();
}

/// The fused graph's plan, or the two halves'.
struct Prepared {
  std::vector<Plan> plans;
  Memory sums;  // f32, only between two halves
};

std::shared_ptr<Prepared> prepare_halves(const Device& device, cudnnHandle_t handle, const Conv2d::Problem& problem,
                                         const Conv2d::Buffers& buffers, Choose choose) {
  auto prepared = std::make_shared<Prepared>();
  prepared->sums = Memory(device, static_cast<std::size_t>(problem.y_count()) * sizeof(float));
  auto* sums = reinterpret_cast<float*>(prepared->sums.data());
  for (const Part part : {Part::convolution, Part::epilogue})
    prepared->plans.emplace_back(device, handle, build_graph(handle, part, problem, buffers, sums), choose);
  return prepared;
}

std::shared_ptr<Prepared> prepare_plans(const Device& device, cudnnHandle_t handle, const Conv2d::Problem& problem,
                                        const Conv2d::Buffers& buffers, Choose choose) {
  std::string fused_reason;
  try {
    auto prepared = std::make_shared<Prepared>();
    prepared->plans.emplace_back(device, handle, build_graph(handle, Part::fused, problem, buffers, nullptr), choose);
    return prepared;
  } catch (const Unsupported& why) {
    if (!problem.bias && !problem.residual && problem.activation == Conv2d::Activation::none)
      throw;  // nothing to split off
    fused_reason = why.what();
  }
  // Sums in f16 between the halves are what frameworks fall back to; they round twice, and our bound allows
  // for once. So f32 or nothing.
  try {
    return prepare_halves(device, handle, problem, buffers, choose);
  } catch (const Unsupported& why) {
    throw Unsupported(fmt::format("fused: {}; in two graphs: {}", fused_reason, why.what()));
  }
}

template <Choose choose>
Launch prepare(const Device& device, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) {
  if (problem.y_count() == 0) return [](Stream) {};
  Session& session = Session::of(device);
  session.use(nullptr);
  const auto prepared = prepare_plans(device, session.handle(), problem, buffers, choose);
  return [&session, prepared](Stream stream) {
    session.use(stream);
    for (const Plan& plan : prepared->plans) plan.run();
  };
}

const Register<Conv2d> quickest{{"cudnn", Origin::peer, DeviceKind::cuda, supports, prepare<Choose::quickest>}};
const Register<Conv2d> by_heuristics{
    {"cudnn_heuristic", Origin::peer, DeviceKind::cuda, supports, prepare<Choose::first>}};

}  // namespace
}  // namespace kernelgate::cudnn
