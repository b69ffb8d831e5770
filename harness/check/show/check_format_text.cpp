// The check for a person.
#include "harness/check/show/check_format.h"
#include "harness/check/show/check_text.h"

namespace kernelgate {
namespace {

class Text final : public CheckFormat {
 public:
  void write(std::ostream& out, const Check& check) const override {
    const std::string headline = check.headline();
    out << check_text(check.report, check.options, check.requirements,
                      headline == check.report.headline ? "" : headline);
    if (check.policy) out << '\n' << policy_text(*check.policy);
  }
};

const Text format;
const RegisterCheckFormat format_registered{{"text", "for a person: the verdict and the first remedy first", &format}};

}  // namespace
}  // namespace kernelgate
