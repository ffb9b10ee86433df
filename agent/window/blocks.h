// Rows in blocks of 64, of which only those exist that somebody has put something into.
//
//   rows 0–63 ──► Block    rows 64–127 ──► nothing    rows 128–191 ──► Block
//
// What a block holds of its rows is its user's business; mostly arrays with one lane a row, so that
// loops over rows run in vector registers. Thread: the loop. Tested through column.h, tier.h and
// season.h.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace cgsentry::window {

inline constexpr std::size_t kLanes = 64;

template <typename Block>
class Blocks {
 public:
  /// The block of `row`, or null.
  [[nodiscard]] const Block* find(std::size_t row) const {
    const std::size_t index = row / kLanes;
    return index < blocks_.size() ? blocks_[index].get() : nullptr;
  }
  [[nodiscard]] Block* find(std::size_t row) {
    return const_cast<Block*>(std::as_const(*this).find(row));
  }
  /// The block of `row`; make() gives it when there is none.
  template <typename Make>
  Block& at(std::size_t row, const Make& make) {
    const std::size_t index = row / kLanes;
    if (index >= blocks_.size()) {
      blocks_.resize(index + 1);
    }
    if (!blocks_[index]) {
      blocks_[index] = std::make_unique<Block>(make());
    }
    return *blocks_[index];
  }
  /// Drops the block of `row`.
  void drop(std::size_t row) { blocks_[row / kLanes].reset(); }
  void clear() { blocks_.clear(); }

  /// No block has a row at or above this.
  [[nodiscard]] std::size_t row_end() const { return blocks_.size() * kLanes; }
  /// visit(block, its first row), ascending; may drop that block.
  template <typename Visit>
  void for_each(const Visit& visit) {
    for (std::size_t index = 0; index < blocks_.size(); ++index) {
      if (blocks_[index]) {
        visit(*blocks_[index], index * kLanes);
      }
    }
  }
  /// With what bytes_of(block) says that each holds beside itself.
  template <typename BytesOf>
  [[nodiscard]] std::size_t memory_bytes(const BytesOf& bytes_of) const {
    std::size_t bytes = blocks_.capacity() * sizeof(blocks_[0]);
    for (const auto& block : blocks_) {
      bytes += block ? sizeof(Block) + bytes_of(*block) : 0;
    }
    return bytes;
  }

 private:
  std::vector<std::unique_ptr<Block>> blocks_;
};

}  // namespace cgsentry::window
