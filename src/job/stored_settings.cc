#include "job/stored_settings.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"

namespace rowferry {
namespace {

using nlohmann::json;

// JSON has no bytes that are no UTF-8, and paths and names may.
json Store(const std::string& text) { return IsText(text) ? json(text) : json{{"hex", Hex(text)}}; }

json Store(const std::vector<std::string>& texts) {
  json list = json::array();
  for (const std::string& text : texts) list.push_back(Store(text));
  return list;
}

std::string RestoreText(const json& stored) {
  if (stored.is_string()) return stored.get<std::string>();
  const auto bytes = FromHex(stored.at("hex").get<std::string>());
  if (!bytes) throw Error(ErrorKind::kTarget, "a name in hex is none");
  return *bytes;
}

std::vector<std::string> RestoreList(const json& stored) {
  std::vector<std::string> texts;
  for (const json& text : stored.get<std::vector<json>>()) texts.push_back(RestoreText(text));
  return texts;
}

Identifiers RestoreIdentifiers(const json& stored) {
  for (const auto known : {Identifiers::kKeep, Identifiers::kLower, Identifiers::kSnake}) {
    if (stored == static_cast<int>(known)) return known;
  }
  throw Error(ErrorKind::kTarget, "there is no such treatment of identifiers");
}

Settings Restore(const json& stored) {
  Settings settings;
  settings.source = RestoreText(stored.at("source"));
  settings.target = RestoreText(stored.at("target"));
  settings.tables = RestoreList(stored.at("tables"));
  settings.excludes = RestoreList(stored.at("excludes"));
  settings.key = RestoreList(stored.at("key"));
  settings.where = RestoreText(stored.at("where"));
  settings.drop = RestoreList(stored.at("drop"));
  settings.schema = RestoreText(stored.at("schema"));
  settings.target_schema = RestoreText(stored.at("target_schema"));
  settings.identifiers = RestoreIdentifiers(stored.at("identifiers"));
  settings.census = stored.at("census").get<bool>();
  CheckSettings(settings);
  return settings;
}

[[noreturn]] void Refuse(const std::string& why) {
  throw Error(ErrorKind::kTarget,
              "the settings that the ledger keeps of the job were changed by something else than "
              "rowferry: " +
                  Printable(why, 200));
}

}  // namespace

std::string StoreSettings(const Settings& settings) {
  const json stored = {{"source", Store(settings.source)},
                       {"target", Store(settings.target)},
                       {"tables", Store(settings.tables)},
                       {"excludes", Store(settings.excludes)},
                       {"key", Store(settings.key)},
                       {"where", Store(settings.where)},
                       {"drop", Store(settings.drop)},
                       {"schema", Store(settings.schema)},
                       {"target_schema", Store(settings.target_schema)},
                       {"identifiers", static_cast<int>(settings.identifiers)},
                       {"census", settings.census}};
  return stored.dump(-1, ' ', true);
}

Settings RestoreSettings(const std::string& stored) {
  try {
    return Restore(json::parse(stored));
  } catch (const json::exception& error) {
    Refuse(error.what());
  } catch (const Error& error) {
    Refuse(error.what());
  }
}

}  // namespace rowferry
