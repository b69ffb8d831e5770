// Networks worth timing, and small ones that are only proved.

#include "kernels/op/any_op.h"
#include "kernels/pipeline/pipeline.h"

namespace kernelgate {
namespace {

const RegisterWorkloads<Pipeline> registered{{
    {{.n = 1}, "a live avatar: one frame at a time", {"digital-human"}},
    {{.n = 16}, "a short batch", {"digital-human"}},
    {{.n = 128}, "the batch of its own inference script", {"digital-human"}},
    {{.n = 2, .levels = 2, .narrow = 16}, "small, channels in ones and twos", {"verify"}},
    {{.n = 3, .levels = 2, .narrow = 4}, "small, three frames", {"verify"}},
    {{.n = 1, .levels = 2}, "a small picture, all channels", {"verify"}},
}};

}  // namespace
}  // namespace kernelgate
