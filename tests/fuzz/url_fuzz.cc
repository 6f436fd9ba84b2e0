// Input: taken as a URL, and as a password that somebody put into one as it is.
#include <array>
#include <optional>

#include "app/secrets.h"
#include "base/error.h"
#include "fuzz/fuzz.h"
#include "postgres/driver.h"
#include "postgres/url.h"

namespace rowferry::testing {
namespace {

constexpr std::array kSecrets = {"password", "sslpassword"};
// What must not change when the password goes.
constexpr std::array kOthers = {"user", "host", "port", "dbname", "sslmode", "application_name"};

ConninfoPtr ReadByLibpq(const std::string& url) {
  return {PQconninfoParse(url.c_str(), nullptr), &PQconninfoFree};
}

// What is told about a URL that is refused; nothing if it passes.
std::optional<std::string> WhyRefused(const std::string& url) {
  try {
    CheckPostgresUrl(url);
    return std::nullopt;
  } catch (const Error& error) {
    Require(error.kind() == ErrorKind::kPlan, "a URL is refused as a fault of the plan");
    return error.what();
  }
}

void RequireShownWithoutSecrets(const std::string& url) {
  const ConninfoPtr meant = ReadByLibpq(url);
  const ConninfoPtr shown = ReadByLibpq(ShowPostgresUrl(url));
  Require(shown != nullptr, "what is shown of a good URL is one");
  for (const char* secret : kSecrets) {
    Require(ValueOf(shown.get(), secret).empty(), "a URL is shown without its password");
  }
  for (const char* option : kOthers) {
    Require(ValueOf(meant.get(), option) == ValueOf(shown.get(), option),
            "a URL is shown with all but its password");
  }
}

// A letter in a password that the rest of no message holds.
constexpr char kMark = '\x01';

void RequireHidden(const std::string& url) {
  Require(ShowPostgresUrl(url).find(kMark) == std::string::npos,
          "no part of a password that is not escaped is shown");
  const auto why = WhyRefused(url);
  Require(!why || why->find(kMark) == std::string::npos, "nor is it in the refusal");
  std::string argument = url;
  char* text = argument.data();
  HidePasswords({&text, 1});
  Require(argument.find(kMark) == std::string::npos, "nor in the process list");
}

void RequirePasswordHidden(const std::string& password) {
  const std::string marked = kMark + password + kMark;
  RequireHidden("postgresql://ann:" + marked + "@db:5432/shop");
  if (password.find('&') != std::string::npos) return;  // may be another parameter
  RequireHidden("postgresql://db/shop?user=ann&password=" + marked);
}

}  // namespace
}  // namespace rowferry::testing

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rowferry;
  using namespace rowferry::testing;
  const std::string text(TextOfInput(data, size));
  IsPostgresKeywords(text);
  IsMisspeltPostgresUrl(text);
  if (text.find('\0') != std::string::npos) return 0;  // no argument of a program holds one
  if (IsPostgresUrl(text)) {
    if (!WhyRefused(text)) RequireShownWithoutSecrets(text);
  }
  if (text.find(kMark) == std::string::npos) RequirePasswordHidden(text);
  return 0;
}
