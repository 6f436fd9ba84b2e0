#include "app/output_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "app/report.h"
#include "base/error.h"

namespace rowferry {
namespace {

namespace fs = std::filesystem;

const nlohmann::json kReport = {{"job_id", "j"}};

// A folder of its own, gone at the end.
class Folder {
 public:
  Folder() {
    std::string path = fs::temp_directory_path() / "rowferry_test_XXXXXX";
    if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = path;
  }
  ~Folder() { fs::remove_all(path_); }

  std::string operator/(const char* name) const { return (path_ / name).string(); }
  std::string Make(const char* name) const {
    std::ofstream(*this / name) << "old";
    return *this / name;
  }
  auto Files() const { return std::distance(fs::directory_iterator(path_), {}); }

 private:
  fs::path path_;
};

std::string Contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

bool IsReport(const std::string& path) {
  return nlohmann::json::parse(Contents(path), nullptr, false) == kReport;
}

TEST_CASE("a report is written whole, and leaves nothing else behind") {
  const Folder folder;
  const std::string path = folder.Make("report.json");
  CheckOutputPath(path, {}, "--report");
  CHECK(Contents(path) == "old");
  WriteReport(kReport, path);
  CHECK(IsReport(path));
  CHECK(folder.Files() == 1);
}

TEST_CASE("a link stays, and the file that it names is replaced") {
  const Folder folder;
  const std::string file = folder / "report.json";
  const std::string link = folder / "link.json";
  fs::create_symlink("report.json", link);  // while there is no such file yet
  for (int i = 0; i < 2; ++i) {
    CheckOutputPath(link, {}, "--report");
    WriteReport(kReport, link);
    CHECK(fs::is_symlink(link));
    CHECK(IsReport(file));
  }
}

TEST_CASE("a FIFO is written through") {
  const Folder folder;
  const std::string path = folder / "fifo";
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  CheckOutputPath(path, {}, "--report");
  std::string read;
  std::thread reader([&] { read = Contents(path); });
  WriteReport(kReport, path);
  reader.join();
  CHECK(nlohmann::json::parse(read) == kReport);
  CHECK(fs::is_fifo(path));
}

TEST_CASE("a path that cannot be written is refused beforehand, with the reason") {
  const Folder folder;
  folder.Make("file");
  struct Case {
    std::string path;
    const char* why;
  };
  for (const Case& c :
       {Case{folder / "", "it is a directory"}, Case{folder / "none/report.json", "No such file"},
        Case{folder / "none/", "No such file"},
        Case{folder / "file/report.json", "Not a directory"}}) {
    CAPTURE(c.path);
    CHECK_THROWS_WITH_AS(CheckOutputPath(c.path, {}, "--report"), doctest::Contains(c.why), Error);
  }
  CHECK_THROWS_WITH_AS(WriteReport(kReport, folder / "none/x"), doctest::Contains("created"),
                       Error);
}

TEST_CASE("a database's files are never a report's path, by whatever name") {
  const Folder folder;
  const std::string there = folder.Make("a.db");
  const std::string to_come = folder / "b.db";
  fs::create_symlink(there, folder / "link");
  fs::create_hard_link(there, folder / "hard");
  fs::create_symlink("b.db", folder / "link_to_come");
  for (const char* name : {"a.db", "./a.db", "link", "hard", "b.db", "link_to_come"}) {
    CAPTURE(std::string(name));
    CHECK_THROWS_WITH_AS(CheckOutputPath(folder / name, {there, to_come}, "--report"),
                         doctest::Contains("name another file"), Error);
  }
  CHECK_NOTHROW(CheckOutputPath(folder / "c.db", {there, to_come}, "--report"));
}

TEST_CASE("what fails in the middle leaves the former file, and nothing else") {
  const Folder folder;
  const std::string path = folder.Make("rows.jsonl");
  const auto half = [](const Put& put) {
    put("half");
    throw std::runtime_error("lost");
  };
  CHECK_THROWS_AS(WriteOutput(path, "the export", half), std::runtime_error);
  CHECK(Contents(path) == "old");
  CHECK(folder.Files() == 1);
}

TEST_CASE("a device that is full ends the output") {
  int64_t puts = 0;
  const auto endless = [&](const Put& put) {
    while (put(std::string(100'000, 'x'))) ++puts;
  };
  CHECK_THROWS_WITH_AS(WriteOutput("/dev/full", "the export", endless),
                       "the export /dev/full cannot be written: No space left on device", Error);
  CHECK(puts < 10);
}

}  // namespace
}  // namespace rowferry
