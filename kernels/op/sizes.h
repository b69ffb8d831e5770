#pragma once
// The whole numbers that a problem is made of, by name.

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace kernelgate {

/// {{"m", 512}, {"n", 768}, {"k", 64}}
using Sizes = std::map<std::string, std::int64_t, std::less<>>;

}  // namespace kernelgate
