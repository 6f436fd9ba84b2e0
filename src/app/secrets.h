// Keeps passwords out of the process list.
#pragma once

#include <span>

namespace rowferry {

// Overwrites, in place, every password in a database URL among the arguments. REQUIRES: the caller
// has copied what it still needs.
void HidePasswords(std::span<char*> arguments);

}  // namespace rowferry
