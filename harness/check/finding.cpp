#include "harness/check/finding.h"

namespace kernelgate {

const SeverityWords& words_of(Severity severity) {
  static const SeverityWords info{"info", "INFO", "worth knowing; it is not what keeps the GPU from being used"};
  static const SeverityWords warning{"warning", "WARNING", "the GPU works, but mind what is measured"};
  static const SeverityWords failure{"failure", "FAILURE", "the GPU can't be used"};
  switch (severity) {
    case Severity::info:
      return info;
    case Severity::warning:
      return warning;
    case Severity::failure:
      break;
  }
  return failure;
}

}  // namespace kernelgate
