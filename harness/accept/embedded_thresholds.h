#pragma once
// The JSON files of harness/accept/data, as part of the program. Defined in a source that cmake/embed_texts.cmake
// writes.

#include "harness/check/knowledge/embedded_texts.h"

namespace kernelgate {

std::span<const EmbeddedText> accept_texts();

}  // namespace kernelgate
