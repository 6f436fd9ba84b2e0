#include "app/secrets.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace rowferry {
namespace {

void Overwrite(char* text, size_t begin, size_t end) { std::fill(text + begin, text + end, 'x'); }

// postgresql://user:PASSWORD@host
void HideUserInfo(char* text, std::string_view view) {
  const size_t scheme = view.find("://");
  if (scheme == std::string_view::npos) return;
  const size_t begin = scheme + 3;
  const size_t authority_end = std::min(view.find_first_of("/?#", begin), view.size());
  const size_t at = view.substr(0, authority_end).rfind('@');
  const size_t any_at = view.rfind('@');  // an unescaped slash in the password: hide rather more
  const size_t end = at != std::string_view::npos ? at : any_at;
  const size_t colon = view.find(':', begin);
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
