#pragma once
// Probes: small kernels that show what the functions of the vocabulary (kernels/simt) do. Each is compiled twice, as
// any kernel is; the host executor and a GPU get the same inputs, and what they write must be the same.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "kernels/op/device.h"

namespace kernelgate::silicon {

/// What the bytes of a probe's inputs are.
enum class Inputs : std::uint8_t {
  bits,            ///< any
  floats,          ///< f32 of every kind: NaN, infinite, subnormal, zeros, ties of narrower types, and N(0, 1)
  integers_f32,    ///< -8 .. 8
  integers_f16,    ///< -4 .. 4: sums of products stay exact
  integers_bf16,   ///< the same
  reals_f16,       ///< N(0, 1), at most 4 away from 0
  reals_bf16,      ///< the same
  subnormals_f16,  ///< -7 .. 7 times 2^-24
};

/// How its outputs are compared. Of floats, one NaN is like another: a GPU has but one, the host keeps payloads.
enum class Outputs : std::uint8_t { bits, f32, f16, bf16 };

/// How far the two sides may differ, besides bit for bit; of f32 alone.
struct Tolerance {
  double absolute = 0;
  double relative = 0;
};

/// What a GPU must be.
struct Needs {
  int compute_capability = 75;  ///< at least; major * 10 + minor
  bool that_alone = false;      ///< sm90a: what no later GPU has either
};

struct Probe {
  std::string name;  ///< "ldmatrix/x4_trans"
  Needs needs;
  Inputs inputs = Inputs::bits;
  std::size_t input_bytes = 0;
  Outputs outputs = Outputs::bits;
  std::size_t output_bytes = 0;
  Tolerance tolerance = {};
  /// Starts its kernels: from `in` to `out`, which begin at multiples of 256. What they leave out stays 0xff.
  std::function<void(const void* in, void* out, Stream stream)> launch;
  DeviceKind device = DeviceKind::simt;  ///< which compilation this is
  const char* open = "";                 ///< what no manual says and it would tell; empty: it should agree
};

/// Those of the files that are linked, of both devices, in no order.
inline std::vector<Probe>& probes() {
  static std::vector<Probe> all;
  return all;
}

/// `const RegisterProbes these{simt::device_kind, {...}};` at file scope.
struct RegisterProbes {
  RegisterProbes(DeviceKind device, std::vector<Probe> those) {
    for (Probe& probe : those) {
      probe.device = device;
      probes().push_back(std::move(probe));
    }
  }
};

/// The probes of one device by name, sorted.
/// Errors  Error: two have one name.
std::vector<Probe> probes_of(DeviceKind device);

}  // namespace kernelgate::silicon
