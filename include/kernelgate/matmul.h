#pragma once
// The contract of matmul: for a further implementation of it.

#include "kernelgate.h"
#include "kernels/matmul/matmul.h"  // IWYU pragma: export
