#pragma once
// Standard output and error that never end the program: what can't be delivered stops no work.

#include <cstdio>

namespace kernelgate {

/// From now on no write to stdout or stderr fails or raises a signal: a full disk, a closed descriptor, a reader that
/// went away and a terminal that hung up lose the text and nothing else. A descriptor that was closed at the start is
/// kept taken, so that no file of ours gets its number and then our messages. A limit of file sizes becomes an error of
/// that write. Call it first in main.
void keep_streams_from_failing();

/// Writes out what is buffered. False: something of stdout did not arrive, and its reader did not leave by itself.
bool stdout_arrived();

/// The descriptor of a stream: stdout and stderr have none of their own any more.
int descriptor_of(std::FILE* stream);

}  // namespace kernelgate
