// URLs: told from others, and shown without what must stay secret.
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "postgres/driver.h"
#include "postgres/pqxx_compat.h"

namespace rowferry {
namespace {

constexpr std::array<std::string_view, 3> kSecrets = {"password", "sslpassword",
                                                      "oauth_client_secret"};

std::string PercentDecoded(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = text[i] == '%' ? FromHex(text.substr(i + 1, 2)) : std::nullopt;
    decoded += byte && byte->size() == 1 ? *byte : std::string(1, text[i]);
    if (byte && byte->size() == 1) i += 2;
  }
  return decoded;
}

bool IsSecret(std::string_view parameter) {
  const std::string key = Lower(PercentDecoded(parameter.substr(0, parameter.find('='))));
  return std::find(kSecrets.begin(), kSecrets.end(), key) != kSecrets.end();
}

// "user:password@host/db" without the password. One that holds @ or / unescaped ends at the last @:
// rather hide a host than show a password.
std::string WithoutPassword(std::string_view rest) {
  const size_t colon = rest.find(':');
  const size_t last_at = rest.rfind('@');
  if (colon == std::string_view::npos || last_at == std::string_view::npos || last_at < colon) {
    return std::string(rest);
  }
  if (rest.find('@') < colon) return std::string(rest);
  return std::string(rest.substr(0, colon)) + std::string(rest.substr(last_at));
}

std::string_view SchemeOf(std::string_view url) {
  for (const std::string_view scheme : {"postgresql://", "postgres://"}) {
    if (url.substr(0, scheme.size()) == scheme) return scheme;
  }
  return {};
}

// Where the parameters begin: the first ? after the last @ of the user's part.
size_t ParametersAt(std::string_view rest) {
  const size_t question = rest.find('?');
  const size_t at = rest.rfind('@');
  if (question == std::string_view::npos || at == std::string_view::npos || at < question) {
    return question;
  }
  // An @ behind the ?: in a parameter's value, or the ? belongs to a password.
  const bool has_parameter =
      rest.substr(question, at - question).find('=') != std::string_view::npos;
  return has_parameter ? question : rest.find('?', at);
}

}  // namespace

bool IsPostgresUrl(std::string_view url) { return !SchemeOf(url).empty(); }

std::string ShowPostgresUrl(std::string_view url) {
  const std::string_view scheme = SchemeOf(url);
  const std::string_view rest = url.substr(scheme.size());
  const size_t question = ParametersAt(rest);
  std::string shown = std::string(scheme) + WithoutPassword(rest.substr(0, question));
  if (question == std::string_view::npos) return shown;
  std::vector<std::string> kept;
  for (const std::string& parameter : Split(rest.substr(question + 1), '&')) {
    if (!IsSecret(parameter)) kept.push_back(parameter);
  }
  return kept.empty() ? shown : shown + "?" + Join(kept, "&");
}

std::string PostgresVersions() {
  const int version = PQlibVersion();
  return "libpq " + std::to_string(version / 10000) + "." + std::to_string(version % 10000) +
         ", libpqxx " + PqxxVersion();
}

}  // namespace rowferry
