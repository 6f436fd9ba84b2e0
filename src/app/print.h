// What people read, on stdout.
#pragma once

#include <string>
#include <string_view>

namespace rowferry {

// Names, messages and values of databases as a terminal may have them: as Printable (base/text.h)
// shows them, but for line breaks and tabs. None of them moves the cursor or colours what follows.
std::string PrintableLines(std::string_view text);

// Writes PrintableLines(text) to stdout. Whether all was written shows when stdout is closed.
void Print(std::string_view text);

}  // namespace rowferry
