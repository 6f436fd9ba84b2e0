#include "app/secrets.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace rowferry {
namespace {

void Overwrite(char* text, size_t begin, size_t end) { std::fill(text + begin, text + end, 'x'); }

// postgresql://user:PASSWORD@host: to the last @, as an unescaped password may hold others.
void HideUserInfo(char* text, std::string_view view) {
  const size_t scheme = view.find("://");
  if (scheme == std::string_view::npos) return;
  const size_t colon = view.find(':', scheme + 3);
  const size_t end = view.rfind('@');
  if (end == std::string_view::npos || colon == std::string_view::npos || colon > end) return;
  Overwrite(text, colon + 1, end);
}

// …?password=PASSWORD&sslpassword=PASSWORD, and libpq's keywords, password = 'PASS WORD', which are
// refused: there all that follows goes.
void HideParameters(char* text, std::string_view view) {
  constexpr std::string_view kName = "password";
  const bool is_url = view.find("://") != std::string_view::npos;
  for (size_t at = view.find(kName); at != std::string_view::npos; at = view.find(kName, at)) {
    at = view.find_first_not_of(' ', at + kName.size());
    if (at == std::string_view::npos || view[at] != '=') continue;
    const size_t end = is_url ? view.find('&', at) : std::string_view::npos;
    Overwrite(text, at + 1, std::min(end, view.size()));
  }
}

}  // namespace

void HidePasswords(std::span<char*> arguments) {
  for (char* argument : arguments) {
    const std::string_view view(argument, std::strlen(argument));
    HideUserInfo(argument, view);
    HideParameters(argument, view);
  }
}

}  // namespace rowferry
