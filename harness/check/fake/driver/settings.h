#pragma once
// How a made-up driver behaves: lines "key = value" in the file that KERNELGATE_FAKE_DRIVER names; without it, as a
// healthy machine with one H200.
//
//   cuInit = 802        any function's return code by its name; `hang` and `crash` do that
//   gpus = 2            how many there are
//   name = NVIDIA L4    a fact of every GPU: the keys are those of defaults() in settings.cpp
//   1.ecc = 0           of the second alone

#include <cstdint>
#include <string>

namespace kernelgate::fake {

/// What `function` is told to return: to hang or crash instead is done here. `otherwise`: when nothing is said of it.
int answer(const char* function, int otherwise = 0);

/// Empty when neither the file nor the defaults have it.
std::string setting(const std::string& key);
std::string setting_of(int gpu, const std::string& key);

/// Whether it is set at all, and then its number. A fraction is cut off.
bool number_of(int gpu, const std::string& key, std::int64_t& number);

int gpu_count();

}  // namespace kernelgate::fake
