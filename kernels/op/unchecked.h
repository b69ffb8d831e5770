#pragma once
// For the few loops of arithmetic in which a test under sanitizers would spend its time.

/// The function is compiled without sanitizers' checks. Only where types, or the checks of its callers, bound each
/// index.
#define KERNELGATE_UNCHECKED __attribute__((no_sanitize("address", "undefined")))
