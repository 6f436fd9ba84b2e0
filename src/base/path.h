// Where a path leads.
#pragma once

#include <string>

namespace rowferry {

// The absolute path of the file that `path` names in the end: every link is followed, also one at
// whose end there is no file yet. Links in a folder that may not be looked into stay as they are.
std::string ResolveLinks(const std::string& path);

}  // namespace rowferry
