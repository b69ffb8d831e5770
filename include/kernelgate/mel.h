#pragma once
// The contract of mel: for a further implementation of it.

#include "kernelgate.h"
#include "kernels/mel/mel.h"  // IWYU pragma: export
