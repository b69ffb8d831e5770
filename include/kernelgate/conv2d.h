#pragma once
// The contract of conv2d: for a further implementation of it.

#include "kernelgate.h"
#include "kernels/conv2d/conv2d.h"  // IWYU pragma: export
