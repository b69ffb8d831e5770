#pragma once
// All that a program of one's own includes to have its kernels proved, measured and judged: docs/own_kernels.md.
//
//   RegisterOp, RegisterKernel   an op of one's own and its kernels (kernels/user/user_op.h)
//   Register<Matmul>, ...        a further implementation of an op that is here (<kernelgate/matmul.h>, ...)
//   simt::                       the vocabulary of kernels that run on a GPU and on the host executor

#include "kernels/op/any_op.h"     // IWYU pragma: export
#include "kernels/op/bf16.h"       // IWYU pragma: export
#include "kernels/op/f16.h"        // IWYU pragma: export
#include "kernels/op/memory.h"     // IWYU pragma: export
#include "kernels/simt/simt.h"     // IWYU pragma: export
#include "kernels/user/user_op.h"  // IWYU pragma: export
