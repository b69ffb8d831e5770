#pragma once
// The kernels that the made-up libcuda can run, known by their names: on the host, where its memory is.

#include <cstddef>
#include <string>

namespace kernelgate::fake {

/// By so many threads in all. A kernel that is not known does nothing.
void run_kernel(const std::string& name, std::size_t threads, void** parameters);

/// A kernel of `kernelgate accept`: acceptance_for_test.cpp. False: it is none.
bool run_acceptance_kernel(const std::string& name, unsigned blocks, void** parameters);

}  // namespace kernelgate::fake
