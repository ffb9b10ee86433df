#include "alert/journal_segments.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace cgsentry::alert {

namespace {

// A file that is longer than this is not read, and set aside like one that cannot be.
constexpr std::size_t kMaxReadBytes = std::size_t{256} << 20;
// Below this a segment would hardly hold one record.
constexpr std::size_t kMinSegmentBytes = kSegmentHeaderBytes + kRecordHeaderBytes + kMaxRecordBytes;

}  // namespace

Segments::Segments(std::string directory, std::size_t max_bytes, Disk& disk)
    : directory_(std::move(directory)),
      segment_bytes_(std::max(max_bytes / 2, kMinSegmentBytes)),
      disk_(disk) {}

std::string Segments::path(const char* name) const {
  return directory_ + "/" + name;
}

Result<OpenReport> Segments::open(const Visit& visit) {
  OpenReport report;
  Status status = take_lock();
  if (status) {
    status = scan_previous(visit, report);
  }
  if (status) {
    status = scan_current(visit, report);
  }
  if (!status) {
    current_.reset();
    return tl::unexpected(status.error());
  }
  return report;
}

Status Segments::take_lock() {
  if (lock_.valid()) {
    return {};
  }
  if (Status made = disk_.make_directory(directory_); !made) {
    return made;
  }
  auto lock = disk_.open(path("lock"));
  if (!lock) {
    return tl::unexpected(lock.error());
  }
  if (Status locked = disk_.lock(*lock); !locked) {
    return locked;
  }
  lock_ = std::move(*lock);
  return {};
}

Status Segments::scan_previous(const Visit& visit, OpenReport& report) {
  const auto file = disk_.open(path("previous"));
  if (!file) {
    return tl::unexpected(file.error());
  }
  const auto bytes = disk_.read(*file, kMaxReadBytes);
  if (!bytes && bytes.error().number != EFBIG) {
    return tl::unexpected(bytes.error());
  }
  // It is only read, and the next rotation replaces it: what cannot be read is passed over.
  if (const auto base = bytes ? parse_segment_header(*bytes) : std::nullopt) {
    const auto scan = scan_records(std::string_view(*bytes).substr(kSegmentHeaderBytes), visit);
    report.records += scan.records;
    report.skipped += scan.skipped;
    last_sequence_ = std::max({last_sequence_, *base, scan.last_sequence});
  }
  return {};
}

Status Segments::scan_current(const Visit& visit, OpenReport& report) {
  auto file = disk_.open(path("current"));
  if (!file) {
    return tl::unexpected(file.error());
  }
  const auto bytes = disk_.read(*file, kMaxReadBytes);
  if (!bytes && bytes.error().number != EFBIG) {
    return tl::unexpected(bytes.error());
  }
  const auto base = bytes ? parse_segment_header(*bytes) : std::nullopt;
  if (!base) {
    // Shorter than a header: new, or the agent died while it began the segment.
    if (!bytes || bytes->size() >= kSegmentHeaderBytes) {
      if (Status moved = disk_.rename(path("current"), path("unreadable")); !moved) {
        return moved;
      }
      report.set_aside = true;
    }
    return start_segment();
  }
  const auto scan = scan_records(std::string_view(*bytes).substr(kSegmentHeaderBytes), visit);
  report.records += scan.records;
  report.skipped += scan.skipped;
  last_sequence_ = std::max({last_sequence_, *base, scan.last_sequence});
  good_bytes_ = kSegmentHeaderBytes + scan.good_bytes;
  report.cut_bytes = bytes->size() - good_bytes_;
  tail_unsure_ = report.cut_bytes > 0;
  current_ = std::move(*file);
  return {};
}

Status Segments::start_segment() {
  auto file = disk_.open(path("current"));
  if (!file) {
    return tl::unexpected(file.error());
  }
  current_ = std::move(*file);
  good_bytes_ = 0;
  tail_unsure_ = true;
  std::string header;
  append_segment_header(header, last_sequence_);
  Status status = write_synced(header);
  if (status) {
    status = disk_.sync_directory(directory_);
  }
  if (!status) {
    current_.reset();  // the next attempt begins with open()
  }
  return status;
}

Status Segments::append(std::string_view records, std::uint64_t last_sequence) {
  if (!current_.valid()) {
    if (const auto opened = open({}); !opened) {
      return tl::unexpected(opened.error());
    }
  }
  if (good_bytes_ + records.size() > segment_bytes_ && good_bytes_ > kSegmentHeaderBytes) {
    if (Status rotated = rotate(); !rotated) {
      return rotated;
    }
  }
  Status written = write_synced(records);
  if (written) {
    last_sequence_ = std::max(last_sequence_, last_sequence);
  }
  return written;
}

Status Segments::rotate() {
  current_.reset();
  if (Status moved = disk_.rename(path("current"), path("previous")); !moved) {
    return moved;
  }
  return start_segment();
}

// On failure the file may hold any part of `bytes`, synced or not. They are not counted as good, so
// the next call cuts them; writing them anew is what makes the kernel try the disk again after a
// failed fsync.
Status Segments::write_synced(std::string_view bytes) {
  if (tail_unsure_) {
    if (Status cut = disk_.truncate(current_, good_bytes_); !cut) {
      return cut;
    }
  }
  tail_unsure_ = true;
  for (std::string_view rest = bytes; !rest.empty();) {
    const auto count = disk_.append(current_, rest);
    if (!count) {
      return tl::unexpected(count.error());
    }
    if (*count == 0) {
      return failure("write", "alert journal: no progress");
    }
    rest.remove_prefix(std::min(*count, rest.size()));
  }
  if (Status synced = disk_.sync(current_); !synced) {
    return synced;
  }
  good_bytes_ += bytes.size();
  tail_unsure_ = false;
  return {};
}

}  // namespace cgsentry::alert
