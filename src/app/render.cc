#include "app/render.h"

#include <algorithm>

#include "app/format.h"
#include "base/text.h"

namespace rowferry {
namespace {

constexpr char kGreen[] = "\x1b[32m";
constexpr char kPlainColor[] = "\x1b[0m";
constexpr size_t kWhole = std::string::npos;

std::string Bar(int percent, size_t width, bool color) {
  const size_t full = width * static_cast<size_t>(percent) / 100;
  std::string bar;
  if (color) bar += kGreen;
  for (size_t i = 0; i < full; ++i) bar += "█";
  if (color) bar += kPlainColor;
  for (size_t i = full; i < width; ++i) bar += "░";
  return bar;
}

std::string PercentText(int64_t done, int64_t total) {
  return total < 0 ? std::string("  ?  ") : PadLeft(std::to_string(Percent(done, total)), 3) + " %";
}

std::string OfTotal(int64_t done, int64_t total) {
  return total < 0 ? ShowRows(done) + " rows" : ShowRows(done) + " of " + ShowRows(total) + " rows";
}

std::string PaceText(const Pace& pace) {
  std::string text;
  if (pace.rows_per_second > 0) {
    text += ", " + ShowRows(static_cast<int64_t>(pace.rows_per_second)) + " rows/s";
  }
  if (pace.seconds_left) text += ", " + ShowDuration(*pace.seconds_left) + " left";
  return text;
}

std::string CutTo(const std::string& line, size_t width) {
  return DisplayWidth(line) > width ? Fit(line, width) : line;
}

// Name and percentage; the rows and a bar where there is room for them.
std::string TableLine(const TableProgress& table, size_t width, bool color) {
  constexpr size_t kGap = 2;
  constexpr size_t kMinBar = 5;
  constexpr size_t kMaxBar = 40;
  const int64_t done = table.now.counts.read;
  const int64_t total = ExpectedRows(table.now, table.estimated_rows);
  const size_t name_width = std::clamp<size_t>(width / 4, 8, 32);
  const std::string head = Fit(Printable(table.name), name_width) + " " + PercentText(done, total);
  const std::string rows = OfTotal(done, total);
  const size_t used = DisplayWidth(head) + kGap + DisplayWidth(rows);
  if (used > width) return CutTo(head, width);
  const bool has_bar = total >= 0 && used + kGap + kMinBar <= width;
  if (!has_bar) return head + "  " + rows;
  const size_t bar_width = std::min(width - used - kGap, kMaxBar);
  return head + "  " + Bar(Percent(done, total), bar_width, color) + "  " + rows;
}

size_t TablesDone(const RunProgress& progress) {
  return static_cast<size_t>(std::count_if(progress.tables.begin(), progress.tables.end(),
                                           [](const auto& table) { return table.now.done; }));
}

std::string TotalLine(const RunProgress& progress, const Pace& pace, size_t width) {
  const int64_t done = progress.RowsDone();
  const int64_t total = progress.RowsTotal();
  const std::string percent = PercentText(done, total);
  const std::string tables = std::to_string(TablesDone(progress)) + "/" +
                             std::to_string(progress.tables.size()) + " tables";
  std::string line = percent + "  " + tables + ", " + OfTotal(done, total) + PaceText(pace);
  if (DisplayWidth(line) <= width) return line;
  return CutTo(percent + PaceText(pace), width);  // the narrow one: percentage, rate, time left
}

struct SummaryRow {
  std::string table, rows, time, rate;
};

SummaryRow RowFor(const std::string& name, int64_t rows, double seconds) {
  const int64_t rate = seconds > 0 ? static_cast<int64_t>(static_cast<double>(rows) / seconds) : 0;
  return {Printable(name, std::string::npos), ShowRows(rows), ShowDuration(seconds),
          ShowRows(rate)};
}

double Seconds(int64_t from, int64_t to) {
  return from == 0 || to < from ? 0 : static_cast<double>(to - from) / 1e6;
}

std::string RenderTable(const std::vector<SummaryRow>& rows) {
  size_t table = 0;
  size_t count = 0;
  size_t time = 0;
  size_t rate = 0;
  for (const SummaryRow& row : rows) {
    table = std::max(table, DisplayWidth(row.table));
    count = std::max(count, row.rows.size());
    time = std::max(time, row.time.size());
    rate = std::max(rate, row.rate.size());
  }
  std::string text;
  for (const SummaryRow& row : rows) {
    text += Fit(row.table, table) + "  " + PadLeft(row.rows, count) + "  " +
            PadLeft(row.time, time) + "  " + PadLeft(row.rate, rate) + "\n";
  }
  return text;
}

}  // namespace

std::vector<std::string> RenderLive(const RunProgress& progress, const Pace& pace, size_t width,
                                    bool color) {
  std::vector<std::string> lines;
  if (!progress.began) return {CutTo("planning …", width)};
  for (const TableProgress& table : progress.tables) {
    if (table.at_work) lines.push_back(TableLine(table, width, color));
  }
  if (!progress.waits.empty()) lines.push_back(CutTo(Printable(progress.waits, kWhole), width));
  lines.push_back(TotalLine(progress, pace, width));
  return lines;
}

std::string RenderPlain(const RunProgress& progress, const Pace& pace) {
  const int64_t done = progress.RowsDone();
  const int64_t total = progress.RowsTotal();
  const std::string percent = total < 0 ? "" : std::to_string(Percent(done, total)) + " %, ";
  const std::string waits = progress.waits.empty() ? "" : "; " + Printable(progress.waits, kWhole);
  return percent + OfTotal(done, total) + PaceText(pace) + waits;
}

std::string RenderStart(const RunProgress& progress) {
  const std::string tables =
      progress.tables.size() == 1 ? "1 table" : std::to_string(progress.tables.size()) + " tables";
  std::string text = "job " + progress.job + ": " + tables;
  if (progress.resumed) text += ", resumed after " + ShowRows(progress.RowsDone()) + " rows";
  return text;
}

std::string RenderSummary(const RunProgress& progress, int64_t now_unix_micros) {
  std::vector<SummaryRow> rows = {{"table", "rows", "time", "rows/s"}};
  for (const TableProgress& table : progress.tables) {
    const int64_t read = table.now.counts.read - table.before.counts.read;
    const int64_t end = table.finished_at == 0 ? now_unix_micros : table.finished_at;
    rows.push_back(RowFor(table.name, read, Seconds(table.started_at, end)));
  }
  rows.push_back(
      RowFor("total", progress.RowsThisRun(), Seconds(progress.started_at, now_unix_micros)));
  std::string text = RenderTable(rows);
  int64_t suppressed = 0;
  for (const TableProgress& table : progress.tables) suppressed += table.now.counts.suppressed;
  text += ShowSwallowed(suppressed);
  if (progress.resumed) text += ShowRows(progress.RowsDone()) + " rows over all runs of the job\n";
  return text;
}

}  // namespace rowferry
