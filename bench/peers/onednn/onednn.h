#pragma once
// What the primitives of oneDNN share: the engine, both major versions' way to describe a primitive, and
// the conversions between f16, which we are given, and f32, which it computes in.
//
// oneDNN has f16 on CPUs from 3.0 on, and fast only with AVX512-FP16; the version 2.6 of Debian 12 has none.
// So every launch widens its inputs, computes in f32 on all cores, and rounds its output. All of this is
// timed: it depends on the timed inputs, and is what a caller with f16 tensors would have to pay.

#include <cstddef>
#include <functional>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <utility>

#include "kernels/op/error.h"
#include "kernels/op/f16.h"

namespace kernelgate::onednn {

/// Created by its first use, not when the program starts.
const dnnl::engine& cpu_engine();

/// How many threads oneDNN and the functions below use from now on, on the calling thread.
void use_threads(int threads);

/// Calls `body(begin, end)` for parts of [0, count) that cover it, on all threads.
void in_parallel(std::size_t count, const std::function<void(std::size_t, std::size_t)>& body);

/// Into the memory of a tensor that lies like `from`.
void widen(const f16* from, const dnnl::memory& to, std::size_t count);

/// Rounds `count` values to f16.
void narrow(const dnnl::memory& from, f16* to, std::size_t count);

/// A primitive descriptor from what its operation descriptor takes: they were two objects before 3.0.
template <class Primitive, class... Args>
typename Primitive::primitive_desc describe(const Args&... args) {
#if DNNL_VERSION_MAJOR >= 3
  return typename Primitive::primitive_desc(cpu_engine(), args...);
#else
  return typename Primitive::primitive_desc(typename Primitive::desc(args...), cpu_engine());
#endif
}

/// Calls `make` and turns oneDNN's errors into ours.
///
/// Errors  Unsupported if oneDNN has no implementation, DeviceError for everything else.
template <class Make>
auto translate_errors(Make&& make) {
  try {
    return std::forward<Make>(make)();
  } catch (const dnnl::error& failure) {
    const std::string text = std::string("oneDNN: ") + failure.what();
    if (failure.status == dnnl_unimplemented) throw Unsupported(text);
    throw DeviceError(text);
  }
}

}  // namespace kernelgate::onednn
