// Audio that is verified, never timed: lengths at which framing and reflection break.

#include "kernels/mel/mel.h"
#include "kernels/op/any_op.h"

namespace kernelgate {
namespace {

std::vector<Workload<Mel>> workloads() {
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

const RegisterWorkloads<Mel> registered{workloads()};

}  // namespace
}  // namespace kernelgate
