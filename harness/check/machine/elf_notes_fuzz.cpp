// Any bytes may stand where a driver library is looked for.
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "harness/check/machine/elf_notes.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

template <class T>
void value_or_reason(const kernelgate::Fact<T>& fact) {
  require(fact.value.has_value() == fact.reason.empty());
  require(fact.reason.size() < 500 && fact.reason.find('\n') == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::size_t taken = 0;
  const kernelgate::ElfNotes notes =
      kernelgate::read_elf_notes([&](std::uint64_t offset, std::size_t count, char* into) {
        if (offset > size || count > size - offset) return false;
        std::memcpy(into, data + offset, count);
        taken += count;
        return true;
      });
  require(taken < (1U << 20U));  // a library may be huge; what is read of it may not
  value_or_reason(notes.build_id);
  value_or_reason(notes.has_compat_note);
  value_or_reason(notes.forward_compat);
  require(notes.build_id.value.value_or("").find_first_not_of("0123456789abcdef") == std::string::npos);
  if (notes.forward_compat.value) {
    require(notes.has_compat_note.value.value_or(false));
    require(notes.forward_compat.value->cuda_version.find('.') != std::string::npos);
  }
  return 0;
}
