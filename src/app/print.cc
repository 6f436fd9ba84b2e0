#include "app/print.h"

#include <iostream>

#include "base/text.h"

namespace rowferry {

std::string PrintableLines(std::string_view text) {
  std::string shown;
  while (true) {
    const size_t end = text.find_first_of("\n\t");
    shown += Printable(text.substr(0, end), std::string::npos);
    if (end == std::string_view::npos) return shown;
    shown += text[end];
    text.remove_prefix(end + 1);
  }
}

void Print(std::string_view text) { std::cout << PrintableLines(text) << std::flush; }

}  // namespace rowferry
