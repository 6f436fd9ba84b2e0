// Which machine this is.
#pragma once

#include <string>

namespace rowferry {

// "unknown" if the system does not say.
std::string HostName();

}  // namespace rowferry
