// oneDNN's matmul in f32, on all cores.

#include <algorithm>
#include <memory>

#include "bench/peers/onednn/onednn.h"
#include "kernels/matmul/matmul.h"

namespace kernelgate {
namespace {

using dnnl::memory;
using Problem = Matmul::Problem;

memory::desc matrix(std::int64_t batch, std::int64_t rows, std::int64_t columns, bool transposed) {
  const memory::dims strides =
      transposed ? memory::dims{rows * columns, 1, rows} : memory::dims{rows * columns, columns, 1};
  return {{batch, rows, columns}, memory::data_type::f32, strides};
}

struct Plan {
  explicit Plan(const Problem& p)
      : descriptor(onednn::describe<dnnl::matmul>(matrix(p.batch, p.m, p.k, p.a_transposed()),
                                                  matrix(p.batch, p.k, p.n, p.b_transposed()),
                                                  matrix(p.batch, p.m, p.n, false))),
        primitive(descriptor),
        stream(onednn::cpu_engine()),
        a(descriptor.src_desc(), onednn::cpu_engine()),
        b(descriptor.weights_desc(), onednn::cpu_engine()),
        c(descriptor.dst_desc(), onednn::cpu_engine()) {}

  dnnl::matmul::primitive_desc descriptor;
  dnnl::matmul primitive;
  dnnl::stream stream;
  memory a, b, c;
};

Support supports(const Device&, const Problem& problem) {
  if (problem.type != Type::f16) return Support::no("is given f16 alone here");
  if (!problem.epilogue.plain()) return Support::no("is given products without an epilogue here");
  return {};
}

Launch prepare(const Device& device, const Problem& problem, const Matmul::Buffers& buffers) {
  const auto count_a = static_cast<std::size_t>(problem.batch * problem.m * problem.k);
  const auto count_b = static_cast<std::size_t>(problem.batch * problem.n * problem.k);
  const auto count_c = static_cast<std::size_t>(problem.batch * problem.m * problem.n);
  if (count_c == 0) return [](Stream) {};
  if (problem.k == 0) return [=](Stream) { std::fill_n(buffers.c, count_c, f16{}); };

  onednn::use_threads(device.threads);  // it decides the blocking
  const auto plan = onednn::translate_errors([&] { return std::make_shared<Plan>(problem); });
  return [=, threads = device.threads](Stream) {
    onednn::use_threads(threads);
    onednn::widen(buffers.a, plan->a, count_a);
    onednn::widen(buffers.b, plan->b, count_b);
    onednn::translate_errors([&] {
      plan->primitive.execute(plan->stream,
                              {{DNNL_ARG_SRC, plan->a}, {DNNL_ARG_WEIGHTS, plan->b}, {DNNL_ARG_DST, plan->c}});
      plan->stream.wait();
    });
    onednn::narrow(plan->c, buffers.c, count_c);
  };
}

const Register<Matmul> registered{{"onednn", Origin::peer, DeviceKind::cpu, supports, prepare}};

}  // namespace
}  // namespace kernelgate
