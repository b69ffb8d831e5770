// Versions: any text is one or is not; those that are form a total order that leading zeros don't change.
#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/fuzz_checks_for_test.h"
#include "harness/base/version.h"

namespace kernelgate {
namespace {

// "535.104.05" as "535.104.5".
std::string without_leading_zeros(std::string_view text) {
  std::string canonical;
  bool leading = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool last_digit = i + 1 == text.size() || text[i + 1] == '.';
    if (leading && text[i] == '0' && !last_digit) continue;
    leading = text[i] == '.';
    canonical += text[i];
  }
  return canonical;
}

void check_one(std::string_view text, const Version& version) {
  const auto again = Version::parse(without_leading_zeros(text)), longer = Version::parse("0" + std::string(text));
  fuzz_require(again && longer && *again == version && *longer == version, "leading zeros mean nothing", text);
  fuzz_require((version <=> version) == 0 && version.same_minor(version), "a version equals itself", text);
  if (const auto padded = Version::parse(std::string(text) + ".0")) {
    fuzz_require(*padded == version, "a missing field is 0", text);
    fuzz_require(*Version::parse(std::string(text) + ".1") > version, "a further field is later", text);
  }
}

void check_order(const Version& a, const Version& b, const Version& c, std::string_view input) {
  fuzz_require((a <=> b) == (0 <=> (b <=> a)), "the order is antisymmetric", input);
  fuzz_require((a == b) == ((a <=> b) == 0), "== agrees with <=>", input);
  fuzz_require(!(a <= b && b <= c) || a <= c, "the order is transitive", input);
  fuzz_require(a.branch() == b.branch() || (a < b) == (a.branch() < b.branch()), "the branch decides first", input);
}

}  // namespace
}  // namespace kernelgate

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kernelgate;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  std::vector<Version> versions;
  for (std::size_t at = 0; at <= input.size();) {
    const std::size_t end = std::min(input.find('\n', at), input.size());
    const std::string_view text = input.substr(at, end - at);
    if (const auto version = Version::parse(text)) {
      check_one(text, *version);
      if (versions.size() < 8) versions.push_back(*version);
    }
    at = end + 1;
  }
  for (const Version& a : versions) {
    for (const Version& b : versions) {
      for (const Version& c : versions) check_order(a, b, c, input);
    }
  }
  return 0;
}
