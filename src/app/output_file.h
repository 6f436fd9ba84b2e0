// Where the report of --report FILE goes, and an export's --output FILE.
//
// A regular file is replaced whole, at the end of the links that lead to it; a device, a FIFO and
// what our own stdout or stderr leads to are written through.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {

// Refuses, before anything is done, a path that cannot be written, and one that is a file of
// `databases` (those of source and target, there or still to come). Throws Error(kUsage), which
// names the option that asked for it.
void CheckOutputPath(const std::string& path, const std::vector<std::string>& databases,
                     const std::string& option);

// Takes a piece of the output. False: it cannot be written, and no more is wanted.
using Put = std::function<bool(std::string_view)>;

// Writes what `write` puts to a temporary file beside the one that is replaced, and renames: nobody
// sees half of it, and where it fails the former one stays. `what` it is: "the report". Throws
// Error(kTarget), naming path and cause, and what `write` throws.
void WriteOutput(const std::string& path, const std::string& what,
                 const std::function<void(const Put&)>& write);

}  // namespace rowferry
