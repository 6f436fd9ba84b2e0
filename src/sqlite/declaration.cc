#include "sqlite/declaration.h"

#include <cctype>

#include "base/text.h"
#include "sqlite/types.h"

namespace rowferry::sqlite {
namespace {

struct Token {
  enum class Kind { kWord, kName, kPunctuation, kComment, kEnd };
  Kind kind = Kind::kEnd;
  std::string text;  // names without their quotes, comments without their marks
};

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view sql) : rest_(sql) {}

  Token Next() {
    SkipBlanks();
    if (rest_.empty()) return {};
    if (rest_.starts_with("/*")) return {Token::Kind::kComment, Until("/*", "*/")};
    if (rest_.starts_with("--")) return {Token::Kind::kComment, Until("--", "\n")};
    const char c = rest_[0];
    if (c == '"' || c == '`' || c == '\'') return {Token::Kind::kName, Quoted(c)};
    if (c == '[') return {Token::Kind::kName, Until("[", "]")};
    if (IsWord(c)) return {Token::Kind::kWord, Word()};
    rest_.remove_prefix(1);
    return {Token::Kind::kPunctuation, std::string(1, c)};
  }

 private:
  static bool IsWord(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' ||
           (static_cast<unsigned char>(c) & 0x80U) != 0;
  }
  void SkipBlanks() {
    while (!rest_.empty() && std::isspace(static_cast<unsigned char>(rest_[0])) != 0) {
      rest_.remove_prefix(1);
    }
  }
  std::string Until(std::string_view open, std::string_view close) {
    rest_.remove_prefix(open.size());
    const size_t end = rest_.find(close);
    std::string text(rest_.substr(0, end));
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + close.size());
    return text;
  }
  std::string Quoted(char quote) {
    std::string text;
    rest_.remove_prefix(1);
    while (!rest_.empty()) {
      const bool closes = rest_[0] == quote;
      const bool doubled = closes && rest_.size() > 1 && rest_[1] == quote;
      if (closes && !doubled) break;
      text += rest_[0];
      rest_.remove_prefix(doubled ? 2 : 1);
    }
    if (!rest_.empty()) rest_.remove_prefix(1);
    return text;
  }
  std::string Word() {
    size_t end = 0;
    while (end < rest_.size() && IsWord(rest_[end])) ++end;
    std::string word(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return word;
  }

  std::string_view rest_;
};

// Goes through the items between the outermost brackets: the first word of each is a column's name
// (or CONSTRAINT, PRIMARY …, whose comments mean nothing to anybody).
class ColumnScanner {
 public:
  std::map<std::string, std::string> Scan(std::string_view sql) {
    Tokenizer tokens(sql);
    for (Token token = tokens.Next(); token.kind != Token::Kind::kEnd; token = tokens.Next()) {
      if (depth_ == 0 && !Opens(token)) continue;
      Take(token);
      if (depth_ == 0) break;
    }
    return std::move(comments_);
  }

 private:
  static bool Opens(const Token& token) {
    return token.kind == Token::Kind::kPunctuation && token.text == "(";
  }
  void Take(const Token& token) {
    if (token.kind == Token::Kind::kComment) return TakeComment(token.text);
    if (token.kind == Token::Kind::kPunctuation) return TakePunctuation(token.text[0]);
    if (depth_ == 1 && at_start_) {
      column_ = Lower(token.text);
      at_start_ = false;
    }
  }
  void TakePunctuation(char c) {
    if (c == '(') ++depth_;
    if (c == ')') --depth_;
    at_start_ = depth_ == 1 && (c == ',' || c == '(');
  }
  void TakeComment(std::string_view comment) {
    const std::string_view type = TypeInComment(comment);
    if (depth_ == 1 && !at_start_ && !type.empty()) comments_.emplace(column_, type);
  }

  int depth_ = 0;
  bool at_start_ = false;
  std::string column_;
  std::map<std::string, std::string> comments_;
};

}  // namespace

std::map<std::string, std::string> TypeComments(std::string_view create_table) {
  return ColumnScanner().Scan(create_table);
}

bool NamesConstraint(std::string_view create_table, std::string_view name) {
  Tokenizer tokens(create_table);
  bool names_next = false;
  for (Token token = tokens.Next(); token.kind != Token::Kind::kEnd; token = tokens.Next()) {
    if (token.kind == Token::Kind::kComment) continue;
    if (names_next && token.text == name) return true;
    names_next = token.kind == Token::Kind::kWord && EqualsIgnoreCase(token.text, "CONSTRAINT");
  }
  return false;
}

bool HasConflictClause(std::string_view create_table) {
  Tokenizer tokens(create_table);
  bool on = false;
  for (Token token = tokens.Next(); token.kind != Token::Kind::kEnd; token = tokens.Next()) {
    if (token.kind == Token::Kind::kComment) continue;
    const bool word = token.kind == Token::Kind::kWord;
    if (on && word && EqualsIgnoreCase(token.text, "CONFLICT")) return true;
    on = word && EqualsIgnoreCase(token.text, "ON");
  }
  return false;
}

}  // namespace rowferry::sqlite
