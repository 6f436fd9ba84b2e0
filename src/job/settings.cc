#include "job/settings.h"

#include <xxhash.h>

#include <array>
#include <cstdio>
#include <functional>

#include "base/error.h"
#include "base/text.h"

namespace rowferry {
namespace {

constexpr size_t kMaxJobName = 200;

// "sqlite:/data/shop.db" -> "shop"; "postgresql://host/app?x=y" -> "app"
std::string ShortName(std::string_view url) {
  url = url.substr(0, url.find('?'));
  const size_t slash = url.find_last_of("/:");
  if (slash != std::string_view::npos) url.remove_prefix(slash + 1);
  url = url.substr(0, url.rfind('.'));
  std::string name;
  for (const char c : Snake(url)) name += (c & 0x80) != 0 ? '_' : c;
  return name.empty() ? "db" : name.substr(0, 40);
}

// Length first, so that no two lists of options run together into the same text.
void AddOption(std::string& text, std::string_view name, std::string_view value) {
  text += std::string(name) + ":" + std::to_string(value.size()) + ":" + std::string(value) + "\n";
}

using Visit = std::function<void(std::string_view name, std::string_view value)>;

// What is copied, but for --identifiers, which is no text.
void EachOption(const Settings& settings, const Visit& visit) {
  for (const auto& table : settings.tables) visit("table", table);
  for (const auto& pattern : settings.excludes) visit("exclude", pattern);
  for (const auto& column : settings.key) visit("key", column);
  for (const auto& column : settings.drop) visit("drop", column);
  visit("where", settings.where);
  visit("schema", settings.schema);
  visit("target-schema", settings.target_schema);
}

}  // namespace

std::string JobName(const Settings& settings, const std::string& source,
                    const std::string& target) {
  if (!settings.job.empty()) return settings.job;
  std::string text;
  AddOption(text, "source", source);
  AddOption(text, "target", target);
  EachOption(settings, [&](auto name, auto value) { AddOption(text, name, value); });
  AddOption(text, "identifiers", std::to_string(static_cast<int>(settings.identifiers)));
  const uint64_t hash = XXH64(text.data(), text.size(), 0);
  std::array<char, 9> hex{};
  std::snprintf(hex.data(), hex.size(), "%08x", static_cast<unsigned>(hash & 0xffffffffU));
  return ShortName(source) + "-to-" + ShortName(target) + "-" + hex.data();
}

std::string ShowOptions(const Settings& settings) {
  constexpr std::array<std::string_view, 3> kIdentifiers = {"keep", "lower", "snake"};
  constexpr size_t kWhole = std::string::npos;
  std::string text;
  EachOption(settings, [&](auto name, auto value) {
    if (!value.empty()) text += "--" + std::string(name) + " '" + Printable(value, kWhole) + "' ";
  });
  text += "--identifiers ";
  return text += kIdentifiers.at(static_cast<size_t>(settings.identifiers));
}

void CheckSettings(const Settings& settings) {
  const auto needs_one_table = [&](bool used, const char* option) {
    if (!used || settings.tables.size() == 1) return;
    throw Error(ErrorKind::kUsage, std::string(option) + " needs exactly one --table");
  };
  needs_one_table(!settings.key.empty(), "--key");
  needs_one_table(!settings.where.empty(), "--where");
  needs_one_table(!settings.drop.empty(), "--drop");
  if (settings.limits.rows == 0) {
    throw Error(ErrorKind::kUsage, "--chunk-rows must be at least 1");
  }
  if (settings.job.size() > kMaxJobName || !IsText(settings.job)) {
    throw Error(ErrorKind::kUsage, "--job must be UTF-8 text of at most 200 bytes");
  }
  if (settings.ledger_schema.empty()) {
    throw Error(ErrorKind::kUsage, "--ledger-schema must not be empty");
  }
}

}  // namespace rowferry
