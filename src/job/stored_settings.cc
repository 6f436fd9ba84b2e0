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
  return FromHex(stored.at("hex").get<std::string>()).value_or("");
}

std::vector<std::string> RestoreList(const json& stored) {
  std::vector<std::string> texts;
  for (const json& text : stored) texts.push_back(RestoreText(text));
  return texts;
}

std::string SourceOf(const Settings& settings, const Ends& ends) {
  const bool is_file = !ends.source_driver->files(settings.source).empty();
  return is_file ? ends.source->Place() : ends.source->Show();
}

Settings Restore(const json& stored) {
  Settings settings;
  settings.source = RestoreText(stored.at("source"));
  settings.tables = RestoreList(stored.at("tables"));
  settings.excludes = RestoreList(stored.at("excludes"));
  settings.key = RestoreList(stored.at("key"));
  settings.where = RestoreText(stored.at("where"));
  settings.drop = RestoreList(stored.at("drop"));
  settings.schema = RestoreText(stored.at("schema"));
  settings.target_schema = RestoreText(stored.at("target_schema"));
  settings.identifiers = static_cast<Identifiers>(stored.at("identifiers").get<int>());
  settings.census = stored.at("census").get<bool>();
  return settings;
}

}  // namespace

std::string StoreSettings(const Settings& settings, const Ends& ends) {
  const json stored = {{"source", Store(SourceOf(settings, ends))},
                       {"target", Store(ends.target->Show())},
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
  } catch (const json::exception&) {
    throw Error(ErrorKind::kTarget,
                "the settings that the ledger keeps of the job were changed by something else than "
                "rowferry");
  }
}

}  // namespace rowferry
