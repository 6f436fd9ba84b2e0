// A kept row as JSON, for people and their tools, and back without the loss of a bit.
//
// A row is an object with a member for each column, in their order. A member has the column's name,
// as Printable (base/text.h) shows it; where two columns have the same one (a key that is read
// beside its column), the second is called "name (2)". The value, by the form in which it was read:
//
//   NULL                        null
//   boolean                     true, false
//   smallint … bigint           an integer: 42
//   real, double precision      a number with the fewest digits: 0.1, -0.0, 1e+300;
//                               "NaN", "Infinity", "-Infinity"
//   numeric                     a string with all digits: "12.50", "NaN", "Infinity"; when read,
//                               an integer is taken as well
//   text, json, jsonb, others   a string
//   bytea                       {"hex": "00ff"}
//   date, time, timestamp       a string in ISO form: "2024-02-29", "12:34:56.5",
//                               "2024-02-29 12:34:56.5", "… 12:34:56+00", "infinity"
//   uuid                        a string: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
//   as SQLite's file holds it   1 is an integer, 1.0 a real, "1" text, {"hex": "31"} a blob
//   in PostgreSQL's binary form {"hex": "…"}
//
// What has none of these forms is told by its storage class, and may be given so for any column
// that takes that class:
//
//   {"integer": 42}  {"real": "7ff8000000000001"}  {"text-hex": "ff00"}  {"hex": "00ff"}
//   {"utf16-hex": "3dd8"}       text of a database in UTF-16 that no UTF-8 says
//   {"unreadable": true}        a value of which not even bytes could be read
//
// where "real" has the 16 hex digits of the double's bits, or "NaN", "Infinity", "-Infinity".
#pragma once

#include <nlohmann/json.hpp>

#include "data/kept_row.h"

namespace rowferry {

nlohmann::ordered_json RowToJson(const KeptRow& row);

// The row with `like`'s columns and types, and the values of `json`. Throws Error(kUsage), naming
// the column, for one that is missing or unknown and for a value that is none of its type.
// RowFromJson(RowToJson(row), row) == row.
KeptRow RowFromJson(const nlohmann::ordered_json& json, const KeptRow& like);

}  // namespace rowferry
