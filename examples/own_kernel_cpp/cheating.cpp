// A kernel that cheats: it computes once for the addresses that it is given, and from then on copies what it kept. The
// program calls it WRONG, since it gets new inputs at the same addresses while it is timed.

#include <kernelgate/kernelgate.h>

#include <cmath>
#include <cstring>
#include <memory>
#include <vector>

using namespace kernelgate;

static Launch prepare(const UserCall& call) {
  return [x = call.get<const float>("x"), y = call.get<float>("y"), rows = call.size("rows"),
          columns = call.size("columns"), kept = std::make_shared<std::vector<float>>()](Stream) {
    const auto count = static_cast<std::size_t>(rows * columns);
    if (kept->empty()) {
      kept->resize(count);
      for (std::int64_t row = 0; row < rows; ++row) {
        const float* const from = x + row * columns;
        float* const to = kept->data() + row * columns;
        float sum = 0;
        for (std::int64_t k = 0; k < columns; ++k) sum += from[k] * from[k];
        const float scale = 1 / std::sqrt(sum / static_cast<float>(columns) + 1e-6f);
        for (std::int64_t k = 0; k < columns; ++k) to[k] = from[k] * scale;
      }
    }
    std::memcpy(y, kept->data(), count * sizeof(float));
  };
}

const RegisterKernel remembers{{"rms_norm", "remembers", DeviceKind::cpu, prepare}};
