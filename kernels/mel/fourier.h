#pragma once
// A Fourier transform in double for the reference: any size, plain rather than fast.

#include <complex>
#include <span>
#include <vector>

namespace kernelgate {

/// X[k] = sum over n of x[n] exp(-2 pi i k n / size), by recursive decimation in time over the prime factors
/// of the size; a large prime factor is a direct sum.
class Fourier {
 public:
  /// `size` >= 1.
  explicit Fourier(int size);

  int size() const { return static_cast<int>(roots_.size()); }
  /// Both of length `size`; they must not overlap. Safe to call from several threads.
  void transform(std::span<const double> x, std::span<std::complex<double>> spectrum) const;

 private:
  using Complex = std::complex<double>;
  void step(const double* x, Complex* spectrum, Complex* scratch, int size, int stride, std::size_t level) const;

  std::vector<int> factors_;    // of the size, one a level of recursion
  std::vector<Complex> roots_;  // exp(-2 pi i k / size)
};

}  // namespace kernelgate
