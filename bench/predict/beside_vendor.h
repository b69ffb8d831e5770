#pragma once
// What our kernels would take on a GPU, beside what the vendor's libraries were measured to take on one.

#include <cstdio>
#include <string>
#include <vector>

namespace kernelgate {

/// The end of a run without a GPU. Each figure says what it is: predicted, or measured, when and on what. Where this
/// program holds no machine code it says so.
void print_beside_vendor(const std::string& suite, const std::vector<std::string>& ops, std::FILE* stream);

}  // namespace kernelgate
