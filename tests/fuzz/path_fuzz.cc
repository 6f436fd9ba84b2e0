// Input: what stands for an SQLite database on the command line.
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "fuzz/fuzz.h"
#include "sqlite/driver.h"
#include "sqlite/path.h"

namespace rowferry::testing {
namespace {

std::optional<std::string> PathIn(std::string_view url) {
  try {
    return sqlite::PathOf(url);
  } catch (const Error& error) {
    Require(error.kind() == ErrorKind::kUsage, "a bad path is a fault of the command line");
    return std::nullopt;
  }
}

// As https://sqlite.org/uri.html says: the path ends at the first ? or #, and %HH is a byte.
std::string PathOfUri(std::string_view uri) {
  constexpr std::string_view kScheme = "file:";
  Require(uri.starts_with(kScheme), "an URI begins with its scheme");
  uri.remove_prefix(kScheme.size());
  uri = uri.substr(0, uri.find_first_of("?#"));
  std::string path;
  for (size_t i = 0; i < uri.size(); ++i) {
    const auto byte = uri[i] == '%' ? FromHex(uri.substr(i + 1, 2)) : std::nullopt;
    path += byte ? *byte : std::string(1, uri[i]);
    if (byte) i += 2;
  }
  return path;
}

}  // namespace
}  // namespace rowferry::testing

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rowferry;
  using namespace rowferry::testing;
  const std::string_view text = TextOfInput(data, size);
  IsSqliteUrl(text);
  Require(IsText(sqlite::ShowPath(text)), "a path is shown as text");
  const auto path = PathIn(text);
  if (!path) return 0;
  Require(path->starts_with('/'), "a path is absolute");
  Require(PathIn(*path) == path, "a path leads to itself");
  Require(PathOfUri(sqlite::ImmutableUri(*path)) == *path, "SQLite reads the same path in the URI");
  return 0;
}
