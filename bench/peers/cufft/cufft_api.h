#pragma once
// The functions of cuFFT that we call, from the library that is loaded by their first use.

#include <cufft.h>

#include "kernels/op/op.h"

namespace kernelgate::cufft {

struct Api {
  decltype(&cufftCreate) create;
  decltype(&cufftDestroy) destroy;
  decltype(&cufftSetAutoAllocation) set_auto_allocation;
  decltype(&cufftMakePlanMany64) make_plan_many;
  decltype(&cufftSetWorkArea) set_work_area;
  decltype(&cufftSetStream) set_stream;
  decltype(&cufftExecR2C) exec_r2c;
};

/// Errors  Unsupported if the library is not to be had.
const Api& api();

/// Whether `api` would succeed; never throws.
Support available();

/// Errors  DeviceError that names the call.
void check(cufftResult status, const char* call);

}  // namespace kernelgate::cufft
