#pragma once
// Work of the host split over its cores: what the references do.

#include <cstdint>
#include <functional>

namespace kernelgate {

/// Calls body(begin, end) for consecutive parts of [0, count), `grain` indices each but the last, on all cores at once;
/// on the calling thread alone where there is one part only. Which thread takes which part is open.
///
/// Errors  what a body throws, the first if several do; parts that nobody has begun by then are left out.
void parallel_for(std::int64_t count, std::int64_t grain,
                  const std::function<void(std::int64_t begin, std::int64_t end)>& body);

}  // namespace kernelgate
