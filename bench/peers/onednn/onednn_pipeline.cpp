// The whole network through oneDNN in f32, on all cores. The spectrogram is the CPU's own.

#include <memory>
#include <vector>

#include "bench/peers/onednn/onednn_network.h"
#include "kernels/mel/mel.h"

namespace kernelgate {
namespace {

using Problem = Pipeline::Problem;

/// In f32, as all else here.
Mel::Problem heard(const Problem& problem) {
  Mel::Problem mel = mel_of(problem);
  mel.output = Type::f32;
  return mel;
}

/// The CPU's spectrogram: highway's where it is.
const Implementation<Mel>* find_mel(const Device& device, const Mel::Problem& problem) {
  const Implementation<Mel>* found = nullptr;
  for (const auto& one : Implementations<Mel>::sorted())
    if (one.device == DeviceKind::cpu && one.supports(device, problem) && (found == nullptr || one.name == "highway"))
      found = &one;
  return found;
}

Support supports(const Device& device, const Problem& problem) {
  return find_mel(device, heard(problem)) ? Support{} : Support::no("this build has no spectrogram on the CPU");
}

Launch prepare(const Device& device, const Problem& problem, const Pipeline::Buffers& buffers) {
  onednn::use_threads(device.threads);  // it decides the blocking
  const Mel::Problem mel = heard(problem);
  const Implementation<Mel>* const hears = find_mel(device, mel);
  if (hears == nullptr) throw Unsupported(supports(device, problem).reason);
  const auto features = std::make_shared<std::vector<float>>(static_cast<std::size_t>(mel.feature_count()));
  const Launch hear = hears->prepare(device, mel, {buffers.audio, features->data()});
  const auto network =
      onednn::translate_errors([&] { return std::make_shared<onednn::Network>(problem, buffers, features->data()); });
  return [=, threads = device.threads](Stream stream) {
    (void)features;  // keeps its memory
    onednn::use_threads(threads);
    hear(stream);
    onednn::translate_errors([&] { network->execute(); });
  };
}

const Register<Pipeline> registered{{"onednn", Origin::peer, DeviceKind::cpu, supports, prepare}};

}  // namespace
}  // namespace kernelgate
