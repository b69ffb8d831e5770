#pragma once
// Tensor-Core products of a warpgroup, four warps from a multiple of four on, that go on while its threads do something
// else: d = a b + d with A 64 x 16 in shared memory or registers, B 16 x n in shared memory, d in registers (sm_90a
// only).
//
//   wgmma_fence();                                          // the registers are as they shall be
//   for (...) wgmma_m64nNk16<N>(d, a_tile, b_tile, true);   // reads shared memory at any time from here on
//   wgmma_commit();                                         // these were one group
//   wgmma_wait<0>(d);                                       // now d may be read, and the tiles overwritten
//
// All of them are .aligned: the whole warpgroup must make the same call. Shared memory that threads wrote, rather than
// TMA, needs fence_proxy_async before it is read here.
//
// Source  PTX ISA, "Asynchronous Warpgroup Level Matrix Multiply-Accumulate Instructions".

#include <cstdint>

#include "kernels/simt/config.h"
#include "kernels/simt/smem_descriptor.h"
#include "kernels/simt/wgmma_form.h"
#if SIMT_ON_GPU
#include "kernels/simt/wgmma_ptx.h"
#else
#include "kernels/simt/host/wgmma.h"
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

/// Before a warpgroup's first wgmma, and between a thread's own access to the registers of d or A and a wgmma that uses
/// them. Not between wgmma of one n on the same d.
///
/// Source  PTX ISA, wgmma.fence.
SIMT_DEVICE void wgmma_fence([[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_HAS_WGMMA
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#else
  detail::needs_later_architecture();
#endif
#else
  executor::wgmma_fence({"wgmma_fence", where});
#endif
}

/// Makes one group of the warpgroup's wgmma since the last commit; it may be empty.
///
/// Source  PTX ISA, wgmma.commit_group.
SIMT_DEVICE void wgmma_commit([[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_HAS_WGMMA
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
#else
  detail::needs_later_architecture();
#endif
#else
  executor::wgmma_commit({"wgmma_commit", where});
#endif
}

/// Keeps nvcc from moving what reads or writes these registers across this point; no instruction. The wait that makes a
/// register readable does not name it, so the compiler can't know.
template <int REGISTERS>
SIMT_DEVICE void wgmma_keep([[maybe_unused]] float (&d)[REGISTERS]) {
#if SIMT_ON_GPU
  SIMT_UNROLL
  for (int i = 0; i < REGISTERS; ++i) asm volatile("" : "+f"(d[i])::"memory");
#endif
}

/// Waits until at most the `pending` latest groups of the warpgroup are under way. What was not committed is not waited
/// for, not even by 0. What reads d afterwards needs wgmma_keep(d) in between, or the form below.
///
/// Errors  host: registers of d or A that the threads changed while the wgmma was under way.
/// Source  PTX ISA, wgmma.wait_group.
template <int pending>
SIMT_DEVICE void wgmma_wait([[maybe_unused]] Where where = Where::current()) {
  static_assert(0 <= pending && pending <= 7);
#if SIMT_ON_GPU
#if SIMT_HAS_WGMMA
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(pending) : "memory");
#else
  detail::needs_later_architecture();
#endif
#else
  executor::wgmma_wait({"wgmma_wait", where}, pending);
#endif
}

/// The same, for d to be read next.
template <int pending, int REGISTERS>
SIMT_DEVICE void wgmma_wait(float (&d)[REGISTERS], [[maybe_unused]] Where where = Where::current()) {
  wgmma_wait<pending>(where);
  wgmma_keep(d);
}

/// d = a b + d, or a b if not `scale_d`.
///
/// Shapes  N: 8, 16, ..., 256. A: 64 x 16, B: 16 x N, D: 64 x N. With w = warp % 4, g = lane / 4, t = lane % 4:
///           d[4 j + 2 h + i] = D[16 w + 8 h + g][8 j + 2 t + i]    for i, h = 0, 1
///         Four registers j of a warp are the d of mma_m16n8k16.
/// Types   f16 or bf16, by `form`; accumulates in f32. Host: products exact (bf16: to 2^-149), added in f32 in the
///         order of k, rounded to nearest at each step. A GPU adds in another order and truncates: equal where all
///         partial sums are exact, close elsewhere.
/// Errors  host: descriptors or scale_d that differ between threads; a matrix that reaches out of shared memory, or
/// that
///         threads wrote without fence_proxy_async; registers of d that threads changed, or use for the first time,
///         without wgmma_fence, or while a wgmma on them is under way.
/// Source  PTX ISA, wgmma.mma_async.sync.aligned.m64n<N>k16.f32.
template <int N, WgmmaForm form = WgmmaForm{}>
SIMT_DEVICE void wgmma_m64nNk16(float (&d)[N / 2], SmemDescriptor a, SmemDescriptor b, bool scale_d,
                                [[maybe_unused]] Where where = Where::current()) {
  static_assert(8 <= N && N <= 256 && N % 8 == 0);
#if SIMT_ON_GPU
  detail::WgmmaPtx<N>::template ss<form>(d, a, b, scale_d);
#else
  executor::wgmma({"wgmma_m64nNk16", where}, {form, N, d, nullptr, a, b, scale_d});
#endif
}

/// The same with A in registers, which must stay as they are until a wait covers the wgmma: hence not const, so that no
/// temporary is taken.
///
/// Shapes  a: as the a of mma_m16n8k16, of rows 16 w .. 16 w + 15.
/// Errors  host: also registers of A that threads changed, or use for the first time, without wgmma_fence.
template <int N, WgmmaForm form = WgmmaForm{}>
SIMT_DEVICE void wgmma_m64nNk16(float (&d)[N / 2], std::uint32_t (&a)[4], SmemDescriptor b, bool scale_d,
                                [[maybe_unused]] Where where = Where::current()) {
  static_assert(8 <= N && N <= 256 && N % 8 == 0);
  static_assert(form.a == Major::k, "A in registers has no major index");
#if SIMT_ON_GPU
  detail::WgmmaPtx<N>::template rs<form>(d, a, b, scale_d);
#else
  executor::wgmma({"wgmma_m64nNk16", where}, {form, N, d, a, {}, b, scale_d});
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt
