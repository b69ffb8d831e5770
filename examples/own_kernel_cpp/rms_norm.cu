// Scales each row of a matrix to a mean square of one: y = x / sqrt(mean(x^2) + 1e-6). An op of one's own: what is
// right, a kernel, and a plain loop to compare it with. That is all that the program needs.

#include <kernelgate/kernelgate.h>

#include <cmath>

using namespace kernelgate;

constexpr int THREADS = 128;
constexpr float EPSILON = 1e-6f;

/// One block normalises one row.
SIMT_KERNEL(THREADS) void rms_norm(const float* x, float* y, int columns) {
  const int thread = static_cast<int>(simt::thread_idx().x);
  const float* const from = x + static_cast<int>(simt::block_idx().x) * columns;
  float* const to = y + (from - x);
  float* const sums = simt::dynamic_shared<float>();  // one of each thread

  float sum = 0;
  for (int i = thread; i < columns; i += THREADS) {
    const float value = simt::load_global(from + i);
    sum = simt::fma(value, value, sum);
  }
  simt::store_shared(sums + thread, sum);
  for (int half = THREADS / 2; half > 0; half /= 2) {
    simt::sync_threads();
    if (thread < half) simt::store_shared(sums + thread, sum += simt::load_shared(sums + thread + half));
  }
  simt::sync_threads();
  const float scale = 1 / simt::sqrt(simt::load_shared(sums) / static_cast<float>(columns) + EPSILON);
  for (int i = thread; i < columns; i += THREADS) simt::store_global(to + i, simt::load_global(from + i) * scale);
}

// From here on: what kernelgate must know.

/// What element `i` of y is, in double, and how far off is right: some ten roundings to f32 lead to it.
static Expected expected(const UserInputs& in, std::int64_t i) {
  const std::int64_t columns = in.size("columns"), row = i / columns;
  double sum = 0;
  for (std::int64_t k = 0; k < columns; ++k) sum += std::pow(in("x", row * columns + k), 2);
  const double y = in("x", i) / std::sqrt(sum / static_cast<double>(columns) + 1e-6);
  return {y, 16 * 0x1p-24 * std::abs(y)};
}

const RegisterOp op{{.name = "rms_norm",
                     .inputs = {{"x", Type::f32, {"rows", "columns"}}},
                     .output = {"y", Type::f32, {"rows", "columns"}},
                     .problems = {{.sizes = {{"rows", 5}, {"columns", 300}}},
                                  {.sizes = {{"rows", 8192}, {"columns", 4096}}, .suites = {"default"}}},
                     .expected = expected,
                     .flop = "4 * rows * columns"}};

static Launch prepare(const UserCall& call) {
  return [x = call.get<const float>("x"), y = call.get<float>("y"), rows = static_cast<unsigned>(call.size("rows")),
          columns = static_cast<int>(call.size("columns"))](Stream stream) {
    simt::launch(rms_norm, {{rows}, {THREADS}, THREADS * sizeof(float), "rms_norm"}, stream, x, y, columns);
  };
}
const RegisterKernel block_a_row{{"rms_norm", "block_a_row", simt::device_kind, prepare}};

// Something to compare with, and to measure where there is no GPU.
static Launch prepare_loop(const UserCall& call) {
  return [x = call.get<const float>("x"), y = call.get<float>("y"), rows = call.size("rows"),
          columns = call.size("columns")](Stream) {
    for (std::int64_t row = 0; row < rows; ++row) {
      const float* const from = x + row * columns;
      float sum = 0;
      for (std::int64_t k = 0; k < columns; ++k) sum += from[k] * from[k];
      const float scale = 1 / std::sqrt(sum / static_cast<float>(columns) + EPSILON);
      for (std::int64_t k = 0; k < columns; ++k) y[row * columns + k] = from[k] * scale;
    }
  };
}
const RegisterKernel plain_loop{{"rms_norm", "plain_loop", DeviceKind::cpu, prepare_loop}};
