#pragma once
// Looks at what a work leaves behind while it is timed, not before or after.

#include <string>

struct CUstream_st;

namespace kernelgate {

/// The sampler calls these in the order in which they stand here, around one sample; `judge` where its inputs were new.
class SampleCheck {
 public:
  virtual ~SampleCheck() = default;

  /// Makes inputs ready, new ones or those in place once more; not timed.
  virtual void begin(bool new_inputs) = 0;
  /// In the stream's order, right before the timed region: puts them in place.
  virtual void before(CUstream_st* stream) = 0;
  /// In the stream's order, right after it: keeps the output.
  virtual void after(CUstream_st* stream) = 0;
  /// What is wrong with the output of new inputs; empty: nothing. `thoroughly`: at any price.
  virtual std::string judge(bool thoroughly) = 0;
};

}  // namespace kernelgate
