// The check as a document: docs/check.schema.json.
#include <nlohmann/json.hpp>

#include "harness/check/diagnose/ladder.h"
#include "harness/check/fingerprint.h"
#include "harness/check/show/check_format.h"

namespace kernelgate {
namespace {

using nlohmann::json;

// Of each GPU that can be measured; where there is none, of the CPU, which then is what `run` measures.
json fingerprints(const Check& check) {
  json all = json::array();
  const int gpus = check.report.gpu_usable ? check.report.environment.visible_gpus() : 0;
  for (int i = 0; i < gpus; ++i) all.push_back(fingerprint(check.report.environment, "cuda", i));
  if (gpus == 0) all.push_back(fingerprint(check.report.environment, "cpu", 0));
  return all;
}

class Json final : public CheckFormat {
 public:
  void write(std::ostream& out, const Check& check) const override {
    json document = to_json(check.report);
    document["headline"] = check.headline();
    document["machine_headline"] = check.report.headline;
    document["refusals"] = check.refusals();
    document["gpu"] = check.options.ordinal;
    document["ladder"] = to_json(climb(check.report.environment, check.options));
    document["fingerprints"] = fingerprints(check);
    document["requirements"] = to_json(check.requirements);
    document["policy"] = check.policy ? to_json(*check.policy) : json(nullptr);
    document["strict"] = check.strict;
    document["exit_code"] = static_cast<int>(check.exit_code());
    out << document.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
  }
};

const Json format;
const RegisterCheckFormat format_registered{{"json", "one document: docs/check.schema.json", &format}};

}  // namespace
}  // namespace kernelgate
