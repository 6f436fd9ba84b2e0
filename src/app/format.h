// Figures for people.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rowferry {

std::string ShowRows(int64_t rows);  // "1,234,567"
// "1 row was swallowed by triggers of the target", as a line; empty for none.
std::string ShowSwallowed(int64_t rows);
std::string ShowDuration(double seconds);  // "0.42 s", "12.3 s", "3:05", "1:02:03"
int Percent(int64_t part, int64_t whole);  // 0..100; 100 only when part >= whole

// "32MiB", "4096", "64k", "1.5G" (powers of 1024) -> bytes; nothing if it is no size.
std::optional<uint64_t> ParseSize(std::string_view text);

// "60s", "5min", "500ms", "2h", "90" (seconds) -> milliseconds; nothing if it is no time.
std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text);

// How many terminal columns the text takes; and the text cut ("…") or padded to as many.
size_t DisplayWidth(std::string_view utf8);
std::string Fit(std::string_view utf8, size_t width);
std::string PadLeft(const std::string& text, size_t width);

}  // namespace rowferry
