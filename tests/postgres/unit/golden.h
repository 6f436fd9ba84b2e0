// The streams under fixtures/copy, which a PostgreSQL server made from the SQL beside them.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "postgres/copy_decode.h"

namespace rowferry::testing {

inline std::string ReadGolden(const std::string& name) {
  std::ifstream file(std::string(ROWFERRY_FIXTURES) + "/copy/" + name + ".bin", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The length of the row or trailer that begins `rest`; all of it if it is cut.
inline size_t MessageLength(std::string_view rest) {
  ByteReader reader(rest);
  const auto fields = reader.Read<int16_t>();
  if (!fields) return rest.size();
  size_t size = sizeof *fields;
  for (int16_t i = 0; i < *fields; ++i) {
    const auto length = reader.Read<int32_t>();
    if (!length) return rest.size();
    const size_t bytes = *length > 0 ? static_cast<size_t>(*length) : 0;
    if (!reader.Take(bytes)) return rest.size();
    size += sizeof *length + bytes;
  }
  return size;
}

// Cut as libpq delivers it: the header with the first row, then a row or the trailer each.
inline std::vector<std::string> Messages(const std::string& stream) {
  std::vector<std::string> messages;
  size_t begin = 0;
  size_t at = std::min<size_t>(19, stream.size());
  while (begin < stream.size()) {
    at += MessageLength(std::string_view(stream).substr(at));
    messages.push_back(stream.substr(begin, at - begin));
    begin = at;
  }
  return messages;
}

struct Decoded {
  std::vector<Column> columns;
  bool ended = false;
};

inline Decoded Decode(const std::string& stream, const std::vector<Kind>& kinds) {
  std::vector<DecodeCell> cells;
  for (const Kind kind : kinds) cells.push_back(FindDecoder(kind));
  CopyDecoder decoder(cells);
  Decoded decoded;
  decoded.columns.resize(kinds.size());
  for (const std::string& message : Messages(stream)) decoder.Decode(message, decoded.columns);
  decoded.ended = decoder.ended();
  return decoded;
}

}  // namespace rowferry::testing
