#include "job/settings.h"

#include <doctest/doctest.h>

#include "base/error.h"
#include "job/stored_settings.h"

namespace rowferry {
namespace {

TEST_CASE("the same command is the same job, another one is another") {
  Settings settings;
  settings.tables = {"orders"};
  const std::string name = JobName(settings, "shop.db", "postgresql://localhost/app");
  CHECK(name.starts_with("shop-to-app-"));
  CHECK(name == JobName(settings, "shop.db", "postgresql://localhost/app"));
  CHECK(name != JobName(settings, "shop2.db", "postgresql://localhost/app"));
  Settings other = settings;
  other.where = "id > 5";
  CHECK(name != JobName(other, "shop.db", "postgresql://localhost/app"));
  other = settings;
  other.limits.rows = 7;  // sizes are free to change
  other.existing = Existing::kAppend;
  CHECK(name == JobName(other, "shop.db", "postgresql://localhost/app"));
  other.job = "nightly";
  CHECK(JobName(other, "shop.db", "x") == "nightly");
}

TEST_CASE("lists of options do not run together into the same name") {
  Settings a;
  a.tables = {"a", "b"};
  Settings b;
  b.tables = {"a\ntable:1:b"};
  CHECK(JobName(a, "s", "t") != JobName(b, "s", "t"));
}

TEST_CASE("options for one table are refused for several") {
  Settings settings;
  settings.where = "id > 5";
  CHECK_THROWS_WITH_AS(CheckSettings(settings), "--where needs exactly one --table", Error);
  settings.tables = {"orders"};
  CHECK_NOTHROW(CheckSettings(settings));
  settings.tables = {"orders", "lines"};
  CHECK_THROWS_AS(CheckSettings(settings), Error);
}

TEST_CASE("what the ledger keeps of settings is restored, of any bytes") {
  Settings settings;
  settings.source = "/data/shop \xff.db";
  settings.target = "postgresql://localhost/app";
  settings.tables = {"orders"};
  settings.excludes = {"tmp*", "\"quoted\""};
  settings.key = {"id", "größe"};
  settings.where = "note <> '\n'";
  settings.drop = {"secret"};
  settings.schema = "shop";
  settings.target_schema = "app";
  settings.identifiers = Identifiers::kSnake;
  settings.census = false;
  const Settings restored = RestoreSettings(StoreSettings(settings));
  CHECK(restored.source == settings.source);
  CHECK(restored.target == settings.target);
  CHECK(restored.key == settings.key);
  CHECK(restored.census == settings.census);
  CHECK(ShowOptions(restored) == ShowOptions(settings));
}

TEST_CASE("settings that something else changed in the ledger are refused, with the cause") {
  const std::string stored = StoreSettings(Settings());
  CHECK_NOTHROW(RestoreSettings(stored));
  const auto refusal = [&](const std::string& part, const std::string& change) -> std::string {
    std::string changed = stored;
    changed.replace(changed.find(part), part.size(), change);
    try {
      RestoreSettings(changed);
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::kTarget);
      return error.what();
    }
    return "not refused";
  };
  CHECK(refusal("{", "").find("parse error") != std::string::npos);
  CHECK(refusal("\"where\"", "\"there\"").find("'where' not found") != std::string::npos);
  CHECK(refusal("\"identifiers\":0", "\"identifiers\":7").find("identifiers") != std::string::npos);
  CHECK(refusal("\"source\":\"\"", "\"source\":{\"hex\":\"fg\"}").find("hex") != std::string::npos);
  CHECK(refusal("\"key\":[]", "\"key\":[\"id\"]").find("--key needs") != std::string::npos);
}

}  // namespace
}  // namespace rowferry
