#include "app/options.h"

#include <string>
#include <vector>

#include "data/row_batch.h"

namespace rowferry {
namespace {

namespace po = boost::program_options;
using Texts = std::vector<std::string>;

po::options_description HelpOption() {
  po::options_description options("Other options");
  options.add_options()("help,h", "this text");
  return options;
}

void AddTableOptions(po::options_description& all) {
  po::options_description options("What is copied");
  options.add_options()  //
      ("table", po::value<Texts>()->composing()->value_name("NAME"),
       "only this table (repeatable); schema.name where there are schemas. Default: all")  //
      ("exclude", po::value<Texts>()->composing()->value_name("PATTERN"),
       "leave out the tables that match (glob with * and ?; repeatable)")  //
      ("where", po::value<std::string>()->default_value("", "")->value_name("SQL"),
       "only the rows for which this condition holds, in the source's dialect; needs one "
       "--table")  //
      ("drop", po::value<Texts>()->composing()->value_name("COL"),
       "leave this source column out (repeatable); needs one --table")  //
      ("key", po::value<std::string>()->default_value("", "")->value_name("COL[,COL]"),
       "page by these columns instead of the primary key; needs one --table, and refused unless "
       "they are proven unique")  //
      ("schema", po::value<std::string>()->default_value("public")->value_name("NAME"),
       "the source's schema, on PostgreSQL");
  all.add(options);
}

void AddTargetOptions(po::options_description& all) {
  po::options_description options("What becomes of it");
  options.add_options()  //
      ("target-schema", po::value<std::string>()->default_value("public")->value_name("NAME"),
       "the target's schema, on PostgreSQL")  //
      ("existing", po::value<std::string>()->default_value("fail")->value_name("HOW"),
       "what to do with a target table that already holds rows: fail, append, truncate (empty it "
       "first) or replace (drop it, and make it as the source has it)")  //
      ("types", po::value<std::string>()->default_value("census")->value_name("HOW"),
       "SQLite sources: census believes what the rows hold, declared what the columns say; a value "
       "that does not fit is rejected")  //
      ("identifiers", po::value<std::string>()->default_value("keep")->value_name("HOW"),
       "names of tables and columns in the target: keep, lower (OrderLines: orderlines) or snake "
       "(order_lines)");
  all.add(options);
}

void AddJobOptions(po::options_description& all) {
  po::options_description options("The job");
  options.add_options()  //
      ("job", po::value<std::string>()->default_value("", "")->value_name("NAME"),
       "the job's name. Default: derived from source, target and tables, so that the same command "
       "is the same job")  //
      ("restart",
       "forget the job's progress and begin anew; tables that the job itself created or truncated "
       "are emptied, others need --existing")  //
      ("yes",
       "do not ask before rows of the target are removed; without a terminal nobody is asked");
  all.add(options);
}

void AddLedgerOption(po::options_description& options) {
  options.add_options()("ledger-schema",
                        po::value<std::string>()->default_value("rowferry")->value_name("NAME"),
                        "the schema that holds jobs and checkpoints, on PostgreSQL");
}

void AddSizeOptions(po::options_description& all) {
  po::options_description options("Sizes");
  options.add_options()  //
      ("chunk-rows",
       po::value<std::string>()->default_value(std::to_string(ChunkLimits{}.rows))->value_name("N"),
       "rows of one transaction at the most; it also ends with an eighth of --memory")  //
      ("memory", po::value<std::string>()->default_value("32MiB")->value_name("SIZE"),
       "ceiling for batches and buffers above the bare process; one row larger than an eighth of "
       "it passes alone");
  all.add(options);
}

void AddRejectsOption(po::options_description& options) {
  options.add_options()(
      "max-rejects", po::value<std::string>()->default_value("", "")->value_name("N|N%"),
      "rows that cannot be read or written are kept in the ledger, and the run goes on (exit 3) up "
      "to so many of the job's; 0 stops at the first. Default: the larger of 100 rows and 1 % of "
      "those read");
}

void AddRetryOptions(po::options_description& options) {
  options.add_options()  //
      ("retries", po::value<std::string>()->default_value("5")->value_name("N"),
       "tries in a row for deadlocks, locks and the like; 0: none")  //
      ("retry-for", po::value<std::string>()->default_value("60s")->value_name("TIME"),
       "how long a lost server is waited for, from the first failure behind the last chunk (like "
       "60s, 5min or 500ms); 0: not at all")  //
      ("lock-timeout", po::value<std::string>()->default_value("30s")->value_name("TIME"),
       "how long the target waits for somebody's lock before that counts as a try; 0: for ever")  //
      ("stall", po::value<std::string>()->default_value("5min")->value_name("TIME"),
       "without progress for so long, from the first connection on, say what each side waits for, "
       "and end a connection that is dead; 0: never");
}

void AddFailureOptions(po::options_description& all, bool rejects) {
  po::options_description options("When something goes wrong");
  if (rejects) AddRejectsOption(options);
  AddRetryOptions(options);
  all.add(options);
}

void AddDisplayOptions(po::options_description& all) {
  po::options_description options("Display");
  options.add_options()  //
      ("report", po::value<std::string>()->default_value("", "")->value_name("FILE"),
       "write the run as JSON, or the ledger's figures of a job that was finished before; - prints "
       "it in place of the summary; a device or a FIFO is written through, a database's own file "
       "refused")  //
      ("progress", po::value<std::string>()->default_value("auto")->value_name("HOW"),
       "auto (bar on a terminal, else plain), bar, plain (a line at every quarter and every 10 s) "
       "or none")  //
      ("log-level", po::value<std::string>()->default_value("warn")->value_name("LEVEL"),
       "trace, debug, info, warn, error or off")  //
      ("log-format", po::value<std::string>()->default_value("text")->value_name("HOW"),
       "text or json, on stderr")                        //
      ("quiet", "errors only: no progress, no summary")  //
      ("no-color", "no colours (also: NO_COLOR in the environment)");
  all.add(options);
}

po::options_description RejectsOptions(const po::options_description& own) {
  po::options_description all;
  po::options_description which("Which rejects");
  which.add_options()  //
      ("table", po::value<std::string>()->default_value("", "")->value_name("NAME"),
       "of this table, by its name in the source or in the target")  //
      ("kind", po::value<std::string>()->default_value("", "")->value_name("KIND"),
       "of this kind: unreadable, value, not-null, check, unique, foreign-key, exclusion, trigger, "
       "row-security or other")  //
      ("sqlstate", po::value<std::string>()->default_value("", "")->value_name("CODE"),
       "with this SQLSTATE, or code of SQLite (like SQLITE_CONSTRAINT_CHECK)")  //
      ("id", po::value<std::string>()->default_value("", "")->value_name("N"), "this one alone");
  po::options_description other = HelpOption();
  AddLedgerOption(other);
  all.add(which);
  if (!own.options().empty()) all.add(own);
  return all.add(other);
}

}  // namespace

po::options_description CopyOptions() {
  po::options_description all;
  AddTableOptions(all);
  AddTargetOptions(all);
  AddJobOptions(all);
  AddSizeOptions(all);
  AddFailureOptions(all, true);
  AddDisplayOptions(all);
  po::options_description other = HelpOption();
  AddLedgerOption(other);
  return all.add(other);
}

po::options_description PlanOptions() { return CopyOptions(); }

po::options_description StatusOptions() {
  po::options_description all;
  po::options_description options("Options");
  options.add_options()("json", "as JSON, for scripts");
  AddLedgerOption(options);
  return all.add(options).add(HelpOption());
}

po::options_description ForgetOptions() {
  po::options_description all;
  po::options_description options("Options");
  AddLedgerOption(options);
  return all.add(options).add(HelpOption());
}

po::options_description RejectsListOptions() {
  po::options_description own("Display");
  own.add_options()("json", "as JSON, for scripts");
  return RejectsOptions(own);
}

po::options_description RejectsShowOptions() {
  po::options_description own("Display");
  own.add_options()("full", "long values whole");
  return RejectsOptions(own);
}

po::options_description RejectsExportOptions() {
  po::options_description own("Where to");
  own.add_options()("output", po::value<std::string>()->default_value("", "")->value_name("FILE"),
                    "instead of stdout; one that is there is replaced");
  return RejectsOptions(own);
}

po::options_description RejectsRetryOptions() {
  po::options_description own("Where the rows come from");
  own.add_options()  //
      ("source", po::value<std::string>()->default_value("", "")->value_name("URL"),
       "read the source here, instead of where the job read it: the ledger keeps no password, and "
       "databases move")                                                                         //
      ("kept", "try the copies that the ledger keeps, not the rows as the source has them now")  //
      ("from", po::value<std::string>()->default_value("", "")->value_name("FILE"),
       "try the rows of FILE, an edited export, and no others");
  AddSizeOptions(own);
  AddFailureOptions(own, false);
  return RejectsOptions(own);
}

po::options_description RejectsPurgeOptions() {
  po::options_description own("Before it happens");
  own.add_options()("yes", "do not ask; without a terminal nobody is asked");
  return RejectsOptions(own);
}

}  // namespace rowferry
