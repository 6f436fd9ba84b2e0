// URLs: told from others, and shown without what must stay secret.
#include "postgres/url.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/error.h"
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

// Whether a part of a password may have become a host, a port or a database.
bool IsMisread(const PQconninfoOption* options, std::string_view url) {
  if (ValueOf(options, "host").find('@') != std::string_view::npos) return true;
  if (ValueOf(options, "port").find_first_not_of("0123456789,") != std::string_view::npos) {
    return true;
  }
  const std::string_view rest = url.substr(SchemeOf(url).size());
  const std::string_view before = rest.substr(0, rest.find('?'));
  const size_t slash = before.find('/');
  return slash != std::string_view::npos && before.find(':') < slash &&
         before.find('@', slash) != std::string_view::npos;
}

}  // namespace

std::string_view ValueOf(const PQconninfoOption* options, std::string_view keyword) {
  for (; options != nullptr && options->keyword != nullptr; ++options) {
    if (options->keyword == keyword) return options->val == nullptr ? "" : options->val;
  }
  return "";
}

void CheckPostgresUrl(const std::string& url) {
  char* message = nullptr;
  const ConninfoPtr options(PQconninfoParse(url.c_str(), &message), &PQconninfoFree);
  const std::string why = message == nullptr ? "" : message;
  PQfreemem(message);
  const bool parsed = options != nullptr;
  if (parsed && !IsMisread(options.get(), url)) return;
  const std::string shown = ShowPostgresUrl(url);
  const bool may_tell = !parsed && shown == url;
  throw Error(ErrorKind::kPlan,
              "libpq cannot read the URL " + shown +
                  (may_tell ? ": " + std::string(Trim(why))
                            : ": characters such as @ : / % in a password must be "
                              "percent-encoded (%40 %3A %2F %25)"));
}

bool IsPostgresKeywords(std::string_view text) {
  const ConninfoPtr known(PQconninfoParse("", nullptr), &PQconninfoFree);
  if (known == nullptr) return false;
  for (size_t equals = text.find('='); equals != std::string_view::npos;
       equals = text.find('=', equals + 1)) {
    const std::string_view before = Trim(text.substr(0, equals));
    const std::string word = Lower(before.substr(before.find_last_of(" \t\n:;,?&") + 1));
    for (const PQconninfoOption* option = known.get(); option->keyword != nullptr; ++option) {
      if (word == option->keyword) return true;
    }
  }
  return false;
}

bool IsPostgresUrl(std::string_view url) { return !SchemeOf(url).empty(); }

bool IsMisspeltPostgresUrl(std::string_view text) {
  const std::string lower = Lower(Trim(text));
  const bool names_user = lower.starts_with("postgres") && lower.find('@') != std::string::npos;
  const bool has_scheme = lower.starts_with("postgres:") || lower.starts_with("postgresql:");
  return !IsPostgresUrl(text) && (names_user || has_scheme);
}

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
