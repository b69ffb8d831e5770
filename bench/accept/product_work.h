#pragma once
// Products on one GPU, launch after launch, every result compared.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/accept/driver_gpu.h"
#include "harness/accept/measured.h"
#include "kernels/sdc/sdc.h"

namespace kernelgate::accept {

class ProductWork {
 public:
  ProductWork(const DriverGpu& gpu, const std::vector<OwnImage>& images, std::uint64_t seed);

  /// Why there is no kernel of this kind for this GPU; empty: there is.
  std::string why_not(sdc::Kind kind) const;

  /// Until `seconds` have passed and `fewest` launches were done; the work is never idle while results are compared.
  /// `on_batch` is told after every few launches: what is known so far, and the last ones' FLOP/s.
  /// Errors  DriverError.
  Products run(sdc::Kind kind, const std::string& phase, double seconds, std::int64_t fewest,
               const std::function<void(const Products&, double flop_per_s)>& on_batch);

  /// Flips one bit on one multiprocessor, and says whether exactly that was found.
  bool finds_a_planted_bit();

 private:
  struct Prepared;
  Prepared& prepared(sdc::Kind kind);
  unsigned passes_of_half_a_millisecond(const Prepared& work);

  const DriverGpu& gpu_;
  const std::vector<OwnImage>& images_;
  std::uint64_t seed_;
  unsigned blocks_;
  std::map<sdc::Kind, std::shared_ptr<Prepared>> prepared_;
};

/// Compares the reports of one launch, adds what is wrong to `products`.
///
/// `expected` is the reference's digest. The majority of the multiprocessors says whether a fault is theirs alone.
void compare_reports(sdc::Kind kind, const std::vector<sdc::BlockReport>& reports, sdc::Word expected,
                     std::int64_t launch, Products& products);

}  // namespace kernelgate::accept
