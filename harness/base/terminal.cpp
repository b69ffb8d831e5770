#include "harness/base/terminal.h"

#include <sys/ioctl.h>

#include "harness/base/process/standard_streams.h"

namespace kernelgate {

std::size_t terminal_columns(std::FILE* stream) {
  winsize size{};
  return ioctl(descriptor_of(stream), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace kernelgate
