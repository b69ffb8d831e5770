#!/usr/bin/env python3
"""Breaks one line of the proofs at a time (staging, comparing, bounds, alignment) and expects the tests to see it.

    scripts/mutate_proofs.py [FILTER]

FILTER picks mutants whose name, or file, contains it. The tree is copied to build/mutants and built there, without CUDA;
the working tree is not touched. Exit code 1 when a mutant survives, or its line is no longer there.
"""
import sys

import mutants

PROOFS = [
    ("guards not looked at", "verify.cpp", "found.right = found.right && found.guards_intact && found.spoilt_input.empty();", "found.right = found.right && found.spoilt_input.empty();"),
    ("spoilt inputs pass", "verify.cpp", "found.right = found.right && found.guards_intact && found.spoilt_input.empty();", "found.right = found.right && found.guards_intact;"),
    ("spoilt inputs stay", "verify.cpp", "tensors_[i].poison(); upload_inputs();", "tensors_[i].poison();"),
    ("packed while the real inputs are there", "verify.cpp", "others.renew();", ""),
    ("output not poisoned", "verify.cpp", "output().poison(); launch(nullptr); synchronize(device_); if (corrupt)", "launch(nullptr); synchronize(device_); if (corrupt)"),
    ("repeats over the same output", "verify.cpp", "output().poison(); launch(nullptr); synchronize(device_); const", "launch(nullptr); synchronize(device_); const"),
    ("each tensor misaligned", "verify.cpp", "options_.misalign_tensor < 0 || static_cast<std::size_t>(options_.misalign_tensor) == i", "true"),
    ("weights renewed in place", "verify.cpp", "if (!inputs_.spec(i).constant) tensors_[i].copy_from", "tensors_[i].copy_from"),
    ("expects what was there before", "verify.cpp", "inputs_.renew(); indices_.clear();", "inputs_.renew();"),
    ("looks at the first outputs", "verify.cpp", "random_.below(indices_.size() - outputs + 1)", "0"),
    ("one implementation's width for both", "verify.cpp", "2 * widest", "0.5 * widest"),
    ("poison may stay", "verification.cpp", "found.right = found.wrong == 0 && found.unwritten == 0;", "found.right = found.wrong == 0;"),
    ("NaN is right anywhere", "verification.cpp", "if (!(ratio <= 1)) wrong.push_back(indices[i]);", "if (ratio > 1 && std::isfinite(ratio)) wrong.push_back(indices[i]);"),
    ("infinity of the other sign", "verification.cpp", "if (got == expected.value) return 0;", "if (std::abs(got) == std::abs(expected.value)) return 0;"),
    ("NaN where a number is expected", "verification.cpp", "if (!std::isfinite(got)) return INFINITY;", "if (!std::isfinite(got)) return 1;"),
    ("moved by nothing", "inputs.cpp", "const std::uint64_t by = 1 + random_.below(static_cast<std::uint64_t>(spec.count) - 1);", "const std::uint64_t by = random_.below(2) * 0;"),
    ("constants are moved too", "inputs.cpp", "if (spec.constant || spec.count < 2) continue;", "if (spec.count < 2) continue;"),
    ("matmul's rounding at a half more", "matmul_reference.cpp", "0x1p-8 : 0x1p-11) * std::abs", "0x1p-8 : 0x1p-10) * std::abs"),
    ("matmul's sums four times as loose", "matmul_reference.cpp", "dot.sum, blocks * 0x1p-23 * dot.magnitude", "dot.sum, blocks * 0x1p-21 * dot.magnitude"),
    ("matmul's largest sums finite", "matmul_reference.cpp", "0x1.ffp127 : 65520;", "0x1.ffp127 : 65536;"),
    ("convolution's sums four times as loose", "conv2d_reference.cpp", "0x1p-24 * partial_sums * dot.magnitude", "0x1p-22 * partial_sums * dot.magnitude"),
    ("filter aligned by anything", "conv_params.h", "aligned_16(buffers.skip) && aligned_16(buffers.w);", "aligned_16(buffers.skip);"),
    ("image aligned by anything", "conv_params.h", "(!problem.transposed || problem.k_per_group() % 8 == 0) && aligned_16(buffers.x) &&", "(!problem.transposed || problem.k_per_group() % 8 == 0) &&"),
    ("second image aligned by anything", "conv_params.h", "aligned_16(buffers.skip) && aligned_16(buffers.w);", "aligned_16(buffers.w);"),
    ("chunks stored anywhere", "conv_params.h", "% 8 == 0 && aligned_16(buffers.y) && aligned_16(buffers.residual);", "% 8 == 0 && aligned_16(buffers.residual);"),
    ("chunks of the residual anywhere", "conv_params.h", "aligned_16(buffers.y) && aligned_16(buffers.residual);", "aligned_16(buffers.y);"),
]
KERNELS = ("matmul_reference.cpp", "conv2d_reference.cpp", "conv_params.h")
FILTERS = {file: "*Conv2d*:*Matmul*" if file in KERNELS else "Verify*:Inputs*:Differences*:Compare*:SampleIndices*:Prove*:ProofOf*" for _, file, _, _ in PROOFS}

if __name__ == "__main__":
    sys.exit(mutants.main(PROOFS, "kernels", "kernels_tests", FILTERS))
