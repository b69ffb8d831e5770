// Scales each row of a matrix to a mean square of one: y = x / sqrt(mean(x^2) + 1e-6).
//
// A kernel, the same in double, and the proof that they agree. To nvcc this file is CUDA. To the C++ compiler it is
// C++: then the host executor runs each thread of the kernel as a fiber, and stops at what a GPU would get wrong.

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <exception>
#include <span>
#include <vector>

#include "kernels/op/memory.h"
#include "kernels/op/random.h"
#include "kernels/simt/host/settings.h"
#include "kernels/simt/simt.h"

using namespace kernelgate;

namespace {

constexpr int THREADS = 128;
constexpr float EPSILON = 1e-6f;

/// One block normalises one row.
SIMT_KERNEL(THREADS) void rms_norm(const float* x, float* y, int columns) {
  const int row = static_cast<int>(simt::block_idx().x), thread = static_cast<int>(simt::thread_idx().x);
  const float* const from = x + row * columns;
  float* const to = y + row * columns;
  float* const sums = simt::dynamic_shared<float>();  // one of each thread

  float sum = 0;
  for (int i = thread; i < columns; i += THREADS) {
    const float value = simt::load_global(from + i);
    sum = simt::fma(value, value, sum);
  }
  simt::store_shared(sums + thread, sum);

  // 64 threads add the other 64 sums to theirs, then 32 of them the other 32, and so on.
  for (int half = THREADS / 2; half > 0; half /= 2) {
    simt::sync_threads();
    if (thread < half) {
      sum += simt::load_shared(sums + thread + half);
      simt::store_shared(sums + thread, sum);
    }
  }
  simt::sync_threads();

  const float mean_square = simt::load_shared(sums) / static_cast<float>(columns);
  const float scale = 1 / simt::sqrt(mean_square + EPSILON);
  for (int i = thread; i < columns; i += THREADS) {
    const float value = simt::load_global(from + i);
    simt::store_global(to + i, value * scale);
  }
}

/// The same in double, in the plainest way.
std::vector<double> reference(std::span<const float> x, std::size_t columns) {
  std::vector<double> y;
  for (; !x.empty(); x = x.subspan(columns)) {
    double sum = 0;
    for (const double value : x.first(columns)) sum += value * value;
    for (const double value : x.first(columns))
      y.push_back(value / std::sqrt(sum / static_cast<double>(columns) + EPSILON));
  }
  return y;
}

/// Some ten roundings to f32 lead to each y. As many as 16 are allowed; NaN is not.
bool close(float got, double expected) { return std::abs(got - expected) <= 16 * 0x1p-24 * std::abs(expected); }

}  // namespace

int main() try {
  constexpr int rows = 5, columns = 300;  // no multiple of THREADS
  std::vector<float> x(rows * columns), y(rows * columns);
  Random random(1);
  for (float& value : x) value = static_cast<float>(random.normal());
  const std::vector<double> expected = reference(x, columns);

  Device device;
  device.kind = simt::device_kind;  // a GPU if nvcc compiled this, else the host executor
  // Tensors lie between guard bands: a kernel that reads or writes beside them is found out.
  const GuardedTensor from(device, x.size() * sizeof(float)), to(device, y.size() * sizeof(float));
  from.upload(std::as_bytes(std::span(x)));

  // The seed decides which warp runs ahead of the others: what one order hides, another shows.
  for (int seed = 1; seed <= 20; ++seed) {
    simt::set_seed(static_cast<unsigned>(seed));
    to.poison();  // with NaN, so that what the kernel leaves out shows
    simt::launch(rms_norm, {{rows}, {THREADS}, THREADS * sizeof(float), "rms_norm"}, nullptr,
                 static_cast<const float*>(from.data()), static_cast<float*>(to.data()), columns);
    synchronize(device);
    std::memcpy(y.data(), to.download().data(), to.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
      if (close(y[i], expected[i])) continue;
      std::printf("wrong: seed %d: y[%zu] is %.9g, expected %.9g\n", seed, i, y[i], expected[i]);
      return 1;
    }
  }
  std::printf("right: %d rows of %d, in 20 schedules\n", rows, columns);
  return 0;
} catch (const std::exception& failure) {
  std::printf("wrong: %s\n", failure.what());
  return 1;
}
