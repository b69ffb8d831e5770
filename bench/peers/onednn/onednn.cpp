#include "bench/peers/onednn/onednn.h"

#include <algorithm>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace kernelgate::onednn {

const dnnl::engine& cpu_engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

// The conversions run on OpenMP's threads, because oneDNN's do: a second pool would fight for the cores.
void use_threads([[maybe_unused]] int threads) {
#ifdef _OPENMP
  omp_set_num_threads(std::max(threads, 1));
#endif
}

void in_parallel(std::size_t count, const std::function<void(std::size_t, std::size_t)>& body) {
#ifdef _OPENMP
  constexpr std::size_t worth_a_thread = 16 * 1024;
  const auto threads = static_cast<std::size_t>(omp_get_max_threads());
  const std::size_t parts = std::clamp<std::size_t>(count / worth_a_thread, 1, threads);
  if (parts > 1) {
#pragma omp parallel for num_threads(static_cast <int>(parts)) schedule(static, 1)
    for (std::size_t part = 0; part < parts; ++part) body(count * part / parts, count * (part + 1) / parts);
    return;
  }
#endif
  body(0, count);
}

void widen(const f16* from, const dnnl::memory& to, std::size_t count) {
  auto* wide = static_cast<float*>(to.get_data_handle());
  in_parallel(count, [=](std::size_t begin, std::size_t end) { to_float(from + begin, wide + begin, end - begin); });
}

void narrow(const dnnl::memory& from, f16* to, std::size_t count) {
  const auto* wide = static_cast<const float*>(from.get_data_handle());
  in_parallel(count, [=](std::size_t begin, std::size_t end) { to_f16(wide + begin, to + begin, end - begin); });
}

}  // namespace kernelgate::onednn
