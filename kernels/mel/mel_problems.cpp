// The mel problems worth timing: a chunk of a live stream, one utterance, the 30 s window that Whisper takes, and
// batches of it; and those that are verified only.

#include "kernels/mel/mel.h"
#include "kernels/op/any_op.h"

namespace kernelgate {
namespace {

std::vector<Workload<Mel>> worth_timing() {
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

/// Lengths at which framing and reflection break.
std::vector<Workload<Mel>> awkward() {
  struct Size {
    std::int64_t samples, clips;
    const char* why;
  };
  std::vector<Workload<Mel>> table;
  for (const MelPreset& preset : mel_presets())
    for (const Size& size :
         {Size{161, 1, "shorter than its padding: reflected repeatedly"}, Size{200, 1, "half a window"},
          Size{401, 1, "just over a window"}, Size{7919, 1, "a prime"}, Size{4001, 3, "a batch of odd clips"}})
      table.push_back({{.preset = preset, .samples = size.samples, .clips = size.clips}, size.why, {"verify"}});
  return table;
}

const RegisterWorkloads<Mel> timed{worth_timing()}, verified{awkward()};

}  // namespace
}  // namespace kernelgate
