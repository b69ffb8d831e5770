#include "harness/measure/telemetry/telemetry.h"

namespace kernelgate {

std::string cuda_pci_bus_id(int) { return ""; }

}  // namespace kernelgate
