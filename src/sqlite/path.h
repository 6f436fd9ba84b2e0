// Where an SQLite database lies. Nothing here opens the file: closing it again would drop the locks
// that SQLite holds on it in this process (POSIX).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rowferry::sqlite {

// "sqlite:PATH" or PATH -> the absolute path of the file itself, behind all links: that is where
// SQLite puts its WAL and journal, and looks for them. An absolute path is never taken for a
// "file:" URI, which Debian's SQLite would do (SQLITE_USE_URI). Throws Error(kUsage) for an empty
// path, and for a relative one where the working folder is gone.
std::string PathOf(std::string_view url);

bool FileExists(const std::string& path);
bool IsEmptyFile(const std::string& path);  // true also where there is none
int64_t FileSize(const std::string& path);  // bytes; 0 also where there is none

// A path may hold any bytes: what is no text is shown as \xNN.
std::string ShowPath(std::string_view path);

// "sqlite:" and the path, shown.
std::string PlaceOf(const std::string& path);

// Equal for equal files, whatever hard links lead to them: device and inode, or, while there is no
// file yet, its path.
std::string FileIdentity(const std::string& path);

// Device, inode, size and time of the last change: differs once somebody wrote to the file.
std::string FileState(const std::string& path);

// The same of the database as a whole: of the file, and of what stands in its WAL.
std::string DatabaseState(const std::string& path);

// Why the file cannot be read, or created or written by us; empty: it can.
std::string WhyUnreadable(const std::string& path);
std::string WhyUnwritable(const std::string& path);
// Why we cannot even see whether the file is there; empty: we can.
std::string WhyOutOfSight(const std::string& path);

// "file:…?immutable=1", with everything in the path escaped that means something in a URI.
std::string ImmutableUri(const std::string& path);

}  // namespace rowferry::sqlite
