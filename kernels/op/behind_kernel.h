#pragma once
// Whether what is prepared will be launched right behind another kernel of ours.

namespace kernelgate {

/// While one lives, what its thread prepares will be launched on a stream right behind another kernel of ours, in a
/// graph. A kernel that calls simt::grid_dependency_wait may then begin before that one has ended: its launch says so
/// by LaunchShape::overlaps_previous. Apart from Device, which every kernel's file knows: few ask.
class BehindKernel {
 public:
  explicit BehindKernel(bool behind = true) : before_(now()) { now() = behind; }
  ~BehindKernel() { now() = before_; }
  BehindKernel(const BehindKernel&) = delete;
  BehindKernel& operator=(const BehindKernel&) = delete;

  static bool here() { return now(); }

 private:
  static bool& now() {
    thread_local bool behind = false;
    return behind;
  }
  bool before_;
};

}  // namespace kernelgate
