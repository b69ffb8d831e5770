#pragma once
// Proves an implementation right while it is timed: new inputs at the same addresses, and a look at what the timed
// launches made of them.

#include <string>

#include "harness/measure/sample_check.h"
#include "kernels/op/random.h"
#include "kernels/op/verify.h"

namespace kernelgate {

class OutputCheck final : public SampleCheck {
 public:
  /// `repeats`: whether the implementation's output is the same bit for bit each time.
  OutputCheck(Proof& proof, Launch launch, bool repeats, std::uint64_t secret)
      : proof_(proof), launch_(std::move(launch)), repeats_(repeats), random_(secret) {}

  void begin(bool new_inputs) override;
  void before(Stream stream) override;
  void after(Stream stream) override;
  std::string judge(bool thoroughly) override;

 private:
  std::string compare_with_reference();

  Proof& proof_;
  Launch launch_;
  bool repeats_;
  Random random_;
  bool poisons_ = false;
  double reference_s_ = 0;  ///< what the reference took the last time
};

}  // namespace kernelgate
