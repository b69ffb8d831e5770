#pragma once
// Ctrl-C, turned into a question that loops ask: what was measured so far is still written.

namespace kernelgate {

/// From now on SIGINT and SIGTERM set a flag; a second one ends the program at once.
void catch_interrupts();

bool interrupted();

}  // namespace kernelgate
