// Why a row could not be read or written.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rowferry {

enum class RefusalKind {
  kUnreadable,   // the source cannot give it in the form that the target's columns take
  kValue,        // a value that its column cannot hold as it is
  kNotNull,      // constraints of the target, by the standard's names
  kCheck,        //
  kUnique,       //
  kForeignKey,   //
  kExclusion,    //
  kTrigger,      // a trigger or function of the target raised an error
  kRowSecurity,  // a policy of the target
  kOther,        // whatever else concerns this row alone
};

// As --kind, the ledger and reports spell them.
inline constexpr std::array kRefusalKinds = {
    std::pair{RefusalKind::kUnreadable, std::string_view("unreadable")},
    std::pair{RefusalKind::kValue, std::string_view("value")},
    std::pair{RefusalKind::kNotNull, std::string_view("not-null")},
    std::pair{RefusalKind::kCheck, std::string_view("check")},
    std::pair{RefusalKind::kUnique, std::string_view("unique")},
    std::pair{RefusalKind::kForeignKey, std::string_view("foreign-key")},
    std::pair{RefusalKind::kExclusion, std::string_view("exclusion")},
    std::pair{RefusalKind::kTrigger, std::string_view("trigger")},
    std::pair{RefusalKind::kRowSecurity, std::string_view("row-security")},
    std::pair{RefusalKind::kOther, std::string_view("other")},
};

std::string_view RefusalKindName(RefusalKind kind);
std::optional<RefusalKind> ParseRefusalKind(std::string_view name);

struct Refusal {
  RefusalKind kind = RefusalKind::kOther;
  std::string code;        // the SQLSTATE, or SQLite's result code by name; empty: ours
  std::string column;      // of the target, or empty: not known
  std::string constraint;  // likewise
  std::string message;     // the reason, without the place

  bool operator==(const Refusal&) const = default;
};

}  // namespace rowferry
