// Values as text that means the same whatever database they came from, and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "data/type.h"
#include "data/value.h"

namespace rowferry {

// Of the values of that kind; nothing: any (kAny).
std::optional<StorageClass> ClassOf(Kind kind);

// Whether a batch may hold the value in a column of that type: encoders rely on it.
bool Fits(const Value& value, const Type& type);

// "true", "42", "0.1" (the fewest digits that give it), "NaN", "-Infinity", numbers and text as
// they are, "2024-02-29 12:34:56.5", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11". Nothing for NULL, for
// bytes, and for moments that the calendar does not have.
std::optional<std::string> PlainText(const Value& value, const Type& type);
// What such text says in a type; nothing if it says nothing there. Digits of a real may be rounded.
std::optional<Value> FromPlainText(std::string_view text, const Type& type);

}  // namespace rowferry
