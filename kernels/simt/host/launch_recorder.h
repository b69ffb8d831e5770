#pragma once
// Keeps what was launched, instead of running all of it: for whoever reckons how long it would take on a GPU.

#include <cstddef>
#include <cstring>
#include <type_traits>
#include <vector>

#include "kernels/simt/shape.h"

namespace kernelgate::simt {

/// A launch as a driver is given it.
struct RecordedLaunch {
  LaunchShape shape;
  const void* kernel = nullptr;          ///< the host's function; the symbol table has its name
  std::vector<std::byte> parameters;     ///< laid out as a kernel finds them: each aligned as its type asks
  std::size_t parameters_alignment = 1;  ///< the strictest of theirs: all of them begin at a multiple of it
};

/// While one lives, launches of the whole process are kept, and of their clusters only the named ones run: by their
/// number, x fastest. One at a time. Errors  std::logic_error: there is one already.
class LaunchRecorder {
 public:
  explicit LaunchRecorder(std::vector<std::size_t> clusters);
  ~LaunchRecorder();
  LaunchRecorder(const LaunchRecorder&) = delete;
  LaunchRecorder& operator=(const LaunchRecorder&) = delete;

  const std::vector<RecordedLaunch>& launches() const { return launches_; }
  const std::vector<std::size_t>& clusters() const { return clusters_; }
  void keep(RecordedLaunch launch) { launches_.push_back(std::move(launch)); }

 private:
  std::vector<std::size_t> clusters_;
  std::vector<RecordedLaunch> launches_;
};

namespace executor {

/// The recorder that lives; null where none does.
LaunchRecorder* recorder();

template <class T>
void add_parameter(RecordedLaunch& launch, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  std::vector<std::byte>& parameters = launch.parameters;
  if (alignof(T) > launch.parameters_alignment) launch.parameters_alignment = alignof(T);
  parameters.resize((parameters.size() + alignof(T) - 1) / alignof(T) * alignof(T) + sizeof(T));
  std::memcpy(parameters.data() + parameters.size() - sizeof(T), &value, sizeof(T));
}

}  // namespace executor
}  // namespace kernelgate::simt
