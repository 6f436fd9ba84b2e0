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

// …?password=PASSWORD&sslpassword=PASSWORD
void HideParameters(char* text, std::string_view view) {
  constexpr std::string_view kName = "password=";
  for (size_t at = view.find(kName); at != std::string_view::npos; at = view.find(kName, at)) {
    at += kName.size();
    Overwrite(text, at, std::min(view.find_first_of("& ", at), view.size()));
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
