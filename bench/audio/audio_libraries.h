#pragma once
// libsndfile (LGPL) and libsamplerate (BSD-2-Clause), loaded when used: the program starts without them.

#include <string>

#if __has_include(<sndfile.h>) && __has_include(<samplerate.h>)
#define KERNELGATE_HAS_AUDIO 1
#include <samplerate.h>
#include <sndfile.h>
#else
#define KERNELGATE_HAS_AUDIO 0
#endif

namespace kernelgate {

#if KERNELGATE_HAS_AUDIO
struct SndfileLibrary {
  decltype(&sf_open) open;
  decltype(&sf_close) close;
  decltype(&sf_readf_float) readf_float;
  decltype(&sf_error) error;
  decltype(&sf_strerror) strerror;

  /// Errors  Unsupported if the library is not there.
  static const SndfileLibrary& get();
};

struct SamplerateLibrary {
  decltype(&src_simple) simple;
  decltype(&src_strerror) strerror;
  decltype(&src_is_valid_ratio) is_valid_ratio;

  /// Errors  Unsupported if the library is not there.
  static const SamplerateLibrary& get();
};
#endif

}  // namespace kernelgate
