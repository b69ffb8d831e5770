// The mel problems worth timing: a chunk of a live stream, one utterance, the 30 s window that Whisper
// takes, and batches of it.

#include "kernels/mel/mel.h"
#include "kernels/op/any_op.h"

namespace kernelgate {
namespace {

std::vector<Workload<Mel>> workloads() {
  struct Size {
    const char* label;
    std::int64_t clips;
    std::int64_t samples;
    std::vector<std::string> suites;
  };
  const std::vector<Size> sizes{{"live, 200 ms", 1, 3200, {"default"}},
                                {"an utterance", 1, 16000, {"default"}},
                                {"a 30 s window", 1, 480000, {"default"}},
                                {"a batch of windows", 64, 480000, {"default"}},
                                {"a large batch of windows", 512, 480000, {"full"}}};
  std::vector<Workload<Mel>> table;
  for (const MelPreset& preset : mel_presets())
    for (const Size& size : sizes) {
      // The smoke suite takes one problem a preset, and the longer one where it is cheap.
      const bool smoke = size.clips == 1 && size.samples == (preset.name == "whisper80" ? 480000 : 16000);
      auto suites = size.suites;
      if (smoke) suites.push_back("smoke");
      table.push_back({{.preset = preset, .samples = size.samples, .clips = size.clips}, size.label, suites});
    }
  return table;
}

const RegisterWorkloads<Mel> registered{workloads()};

}  // namespace
}  // namespace kernelgate
