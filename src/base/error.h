// The one error type of rowferry.
//
// The kind decides what happens next: the exit code (app/exit_code.h) and whether a retry makes
// sense. Library exceptions are translated into Error at the edge of postgres/ and sqlite/.
#pragma once

#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace rowferry {

enum class ErrorKind {
  kUsage,      // the command line or a setting is wrong
  kPlan,       // the job cannot be carried out as asked: refused before the first write
  kData,       // one row's value cannot be written as it is
  kTransient,  // may succeed when tried again at once: lock, deadlock, serialization failure
  kLost,       // the server or the connection is gone, and may come back
  kTarget,     // a database refuses for good: disk full, permission, missing table
  kOwned,      // another run owns the job
  kInternal,   // a fault of rowferry's own
};

constexpr std::string_view ErrorKindName(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUsage:
      return "usage";
    case ErrorKind::kPlan:
      return "plan";
    case ErrorKind::kData:
      return "data";
    case ErrorKind::kTransient:
      return "transient";
    case ErrorKind::kLost:
      return "lost";
    case ErrorKind::kTarget:
      return "target";
    case ErrorKind::kOwned:
      return "owned";
    case ErrorKind::kInternal:
      return "internal";
  }
  return "internal";
}

// May pass by itself: what was being done can be tried again (flow/retry.h).
constexpr bool MayPass(ErrorKind kind) {
  return kind == ErrorKind::kTransient || kind == ErrorKind::kLost;
}

class Error : public std::runtime_error {
 public:
  // `code` is the SQLSTATE, or SQLite's result code by name ("SQLITE_FULL"), or empty.
  Error(ErrorKind kind, const std::string& message, std::string code = {})
      : std::runtime_error(message), kind_(kind), code_(std::move(code)) {}

  ErrorKind kind() const { return kind_; }
  const std::string& code() const { return code_; }

  // The key of the row at fault, as ShowKey (data/key.h) shows it; empty where no row is.
  const std::string& row() const { return row_; }

  // The same error told from further out: "copying table orders: <message>".
  Error Within(const std::string& context) const {
    return Error(kind_, context + ": " + what(), code_).AtRow(row_);
  }
  Error AtRow(const std::string& row) const {
    Error error = *this;
    error.row_ = row;
    return error;
  }

 protected:
  void set_row(const std::string& row) { row_ = row; }

 private:
  ErrorKind kind_;
  std::string code_;
  std::string row_;
};

// What a library threw that nobody translated: memory or threads that the system does not give,
// else a fault of ours.
Error Unforeseen(const std::exception& exception);

}  // namespace rowferry
