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
  const std::string key = Lower(Trim(PercentDecoded(parameter.substr(0, parameter.find('=')))));
  return std::find(kSecrets.begin(), kSecrets.end(), key) != kSecrets.end();
}

std::string_view SchemeOf(std::string_view url) {
  for (const std::string_view scheme : {"postgresql://", "postgres://"}) {
    if (url.substr(0, scheme.size()) == scheme) return scheme;
  }
  return {};
}

// Where libpq ends "user:password": at the first @, unless a / stands before it. npos: there is
// none.
size_t UserEndsAt(std::string_view rest) {
  const size_t end = rest.find_first_of("@/");
  return end != std::string_view::npos && rest[end] == '@' ? end : std::string_view::npos;
}

// "[::1?…]": libpq takes whatever stands in brackets for a host, up to where they close.
bool HostHoldsQuestion(std::string_view rest) {
  const std::string_view before = rest.substr(0, rest.find('?'));
  if (before.size() == rest.size()) return false;
  for (size_t open = before.find('['); open != std::string_view::npos;
       open = before.find('[', open + 1)) {
    const bool begins_host = open == 0 || before[open - 1] == '@' || before[open - 1] == ',';
    if (begins_host && before.find(']', open) == std::string_view::npos) return true;
  }
  return false;
}

// Whether a part of a password may have become a host, a port, a database or a parameter.
bool IsMisread(const PQconninfoOption* options, std::string_view url) {
  if (ValueOf(options, "host").find('@') != std::string_view::npos) return true;
  if (ValueOf(options, "port").find_first_not_of("0123456789,") != std::string_view::npos) {
    return true;
  }
  const std::string_view rest = url.substr(SchemeOf(url).size());
  if (HostHoldsQuestion(rest)) return true;
  const size_t colon = rest.find(':');
  const size_t user_end = UserEndsAt(rest);
  if (user_end != std::string_view::npos) {
    const bool has_password = colon < user_end;
    return rest.find('?') < std::min(colon, user_end) ||
           (has_password && rest.find('@', user_end + 1) != std::string_view::npos);
  }
  const std::string_view before = rest.substr(0, rest.find('?'));
  const size_t slash = before.find('/');
  return slash != std::string_view::npos && colon < slash &&
         before.find('@', slash) != std::string_view::npos;
}

bool IsReadAsMeant(std::string_view url) {
  if (url.find('\0') != std::string_view::npos) return false;
  const ConninfoPtr options(PQconninfoParse(std::string(url).c_str(), nullptr), &PQconninfoFree);
  return options != nullptr && !IsMisread(options.get(), url);
}

// "user:password@host/db?…" without the password. One that is not escaped may hold @, / or ?: it
// ends at the last @, as it is better to hide a host than to show a password.
std::string WithoutPassword(std::string_view rest, bool read_as_meant) {
  const size_t end = read_as_meant ? UserEndsAt(rest) : rest.rfind('@');
  const size_t colon = rest.find(':');
  if (end == std::string_view::npos || colon == std::string_view::npos || end < colon) {
    return std::string(rest);
  }
  return std::string(rest.substr(0, colon)) + std::string(rest.substr(end));
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
  throw Error(
      ErrorKind::kPlan,
      "libpq cannot read the URL " + shown +
          (may_tell ? ": " + std::string(Trim(why))
                    : ": characters such as @ : / ? % in a password, and @ behind one, must be "
                      "percent-encoded (%40 %3A %2F %3F %25)"));
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
  const bool read_as_meant = IsReadAsMeant(url);
  const std::string rest = WithoutPassword(url.substr(scheme.size()), read_as_meant);
  const size_t question = rest.find('?');
  std::string shown = std::string(scheme) + rest.substr(0, question);
  if (question == std::string::npos) return shown;
  std::vector<std::string> kept;
  for (const std::string& parameter : Split(std::string_view(rest).substr(question + 1), '&')) {
    if (!IsSecret(parameter)) {
      kept.push_back(parameter);
    } else if (!read_as_meant) {
      break;  // what follows may be the rest of a password that holds an &
    }
  }
  return kept.empty() ? shown : shown + "?" + Join(kept, "&");
}

std::string PostgresVersions() {
  const int version = PQlibVersion();
  return "libpq " + std::to_string(version / 10000) + "." + std::to_string(version % 10000) +
         ", libpqxx " + PqxxVersion();
}

}  // namespace rowferry
