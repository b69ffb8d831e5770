#pragma once
// What of the machine code in this program was compiled from where; the source is written at build time, from the
// objects themselves (bench/code/tool).

#include <span>
#include <string_view>

namespace kernelgate {

/// The code of one kernel file, or of one peer's adapter, for one kind of processor.
struct ObjectCode {
  std::string_view source;     ///< "kernels/matmul/sm75_multistage.cu", "bench/peers/onednn/": in the repository
  std::string_view processor;  ///< "host", "sm_80", "sm_90a"
  std::string_view hash;       ///< object_hash.h
  std::string_view libraries;  ///< that a peer computes with, joined by ',': "dnnl,gomp" for libdnnl.so, libgomp.so
};

std::span<const ObjectCode> object_code();

}  // namespace kernelgate
