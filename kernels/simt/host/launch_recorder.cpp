#include "kernels/simt/host/launch_recorder.h"

#include <stdexcept>
#include <utility>

namespace kernelgate::simt {
namespace {
LaunchRecorder* living = nullptr;
}  // namespace

LaunchRecorder::LaunchRecorder(std::vector<std::size_t> clusters) : clusters_(std::move(clusters)) {
  if (living != nullptr) throw std::logic_error("launches are being recorded already");
  living = this;
}

LaunchRecorder::~LaunchRecorder() { living = nullptr; }

LaunchRecorder* executor::recorder() { return living; }

}  // namespace kernelgate::simt
