// A further kernel for an op that kernelgate has: C = A B in f16, A stored M x K, B stored N x K, one output a thread.
// It is proved, measured and compared with all others on the problems that `supports` takes.

#include <kernelgate/matmul.h>

using namespace kernelgate;

constexpr int THREADS = 128;

SIMT_KERNEL(THREADS) void naive(const f16* a, const f16* b, f16* c, int m, int n, int k) {
  const int at = static_cast<int>(simt::block_idx().x) * THREADS + static_cast<int>(simt::thread_idx().x);
  if (at >= m * n) return;
  float sum = 0;
  for (int i = 0; i < k; ++i)
    sum = simt::fma(simt::to_float(simt::load_global(a + at / n * k + i)),
                    simt::to_float(simt::load_global(b + at % n * k + i)), sum);
  simt::store_global(c + at, simt::to_f16_rn(sum));
}

static Support supports(const Device&, const Matmul::Problem& p) {
  if (p.layout != Layout::nt || p.type != Type::f16 || p.batch != 1 || !p.epilogue.plain())
    return Support::no("only plain f16 products in layout nt");
  return p.m * p.n < (1 << 30) ? Support{} : Support::no("counts outputs in 31 bits");
}

static Launch prepare(const Device&, const Matmul::Problem& p, const Matmul::Buffers& at) {
  const auto blocks = static_cast<unsigned>((p.m * p.n + THREADS - 1) / THREADS);
  if (blocks == 0) return [](Stream) {};
  return [=](Stream stream) {
    simt::launch(naive, {{blocks}, {THREADS}, 0, "naive"}, stream, at.a, at.b, at.c, static_cast<int>(p.m),
                 static_cast<int>(p.n), static_cast<int>(p.k));
  };
}

const Register<Matmul> registered{
    {.name = "naive", .device = simt::device_kind, .supports = supports, .prepare = prepare}};
