#include "bench/audio/audio_libraries.h"

#include "bench/peers/library.h"

#if KERNELGATE_HAS_AUDIO
namespace kernelgate {

const SndfileLibrary& SndfileLibrary::get() {
  static const SndfileLibrary loaded = [] {
    const Library& library = Library::open("libsndfile", {"libsndfile.so.1"});
    return SndfileLibrary{
        library.symbol<decltype(&sf_open)>("sf_open"), library.symbol<decltype(&sf_close)>("sf_close"),
        library.symbol<decltype(&sf_readf_float)>("sf_readf_float"), library.symbol<decltype(&sf_error)>("sf_error"),
        library.symbol<decltype(&sf_strerror)>("sf_strerror")};
  }();
  return loaded;
}

const SamplerateLibrary& SamplerateLibrary::get() {
  static const SamplerateLibrary loaded = [] {
    const Library& library = Library::open("libsamplerate", {"libsamplerate.so.0"});
    return SamplerateLibrary{library.symbol<decltype(&src_simple)>("src_simple"),
                             library.symbol<decltype(&src_strerror)>("src_strerror"),
                             library.symbol<decltype(&src_is_valid_ratio)>("src_is_valid_ratio")};
  }();
  return loaded;
}

}  // namespace kernelgate
#endif
