#include "kernels/mel/fourier.h"

#include <algorithm>
#include <numbers>

namespace kernelgate {

Fourier::Fourier(int size) {
  for (int rest = size, factor = 2; rest > 1; ++factor)
    for (; rest % factor == 0; rest /= factor) factors_.push_back(factor);
  for (int k = 0; k < size; ++k) roots_.push_back(std::polar(1.0, -2 * std::numbers::pi * k / size));
}

void Fourier::transform(std::span<const double> x, std::span<std::complex<double>> spectrum) const {
  thread_local std::vector<Complex> scratch;
  scratch.resize(roots_.size());
  step(x.data(), spectrum.data(), scratch.data(), size(), 1, 0);
}

void Fourier::step(const double* x, Complex* spectrum, Complex* scratch, int size, int stride,
                   std::size_t level) const {
  if (size == 1) {
    spectrum[0] = x[0];
    return;
  }
  const int radix = factors_[level], part = size / radix;
  // The parts' spectra go to `scratch`, and theirs come to `spectrum`: the two swap roles at each level.
  for (int r = 0; r < radix; ++r)
    step(x + r * stride, scratch + r * part, spectrum + r * part, part, stride * radix, level + 1);
  const int turn = this->size() / size;  // step through roots_ of exp(-2 pi i / size)
  for (int k = 0; k < size; ++k) {
    Complex sum = scratch[k % part];
    for (int r = 1, at = k; r < radix; ++r, at = (at + k) % size) {
      // Written out: std::complex's product has a slow path for NaN.
      const Complex a = scratch[r * part + k % part],
                    w = roots_[static_cast<std::size_t>(at) * static_cast<std::size_t>(turn)];
      sum += Complex(a.real() * w.real() - a.imag() * w.imag(), a.real() * w.imag() + a.imag() * w.real());
    }
    spectrum[k] = sum;
  }
}

}  // namespace kernelgate
