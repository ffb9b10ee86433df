#include "yaml/node.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <optional>
#include <set>
#include <sstream>

#include "base/text.h"

namespace cgsentry::yaml {

namespace {

/// What the handler throws to end the parse; caught in load().
struct Refused {
  YAML::Mark mark;
  std::string message;
};

/// Builds the tree out of yaml-cpp's events, so that limits hold while it parses.
class Builder final : public YAML::EventHandler {
 public:
  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(node_at(mark, Node::Kind::null, "", anchor), mark);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refused{mark, "aliases are not supported here"};
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node = node_at(mark, Node::Kind::scalar, tag, anchor);
    node.text = value;
    node.quoted = tag == "!";
    if (!node.quoted && (value == "~" || value == "null" || value.empty())) {
      node.kind = Node::Kind::null;
    }
    add(std::move(node), mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(node_at(mark, Node::Kind::list, tag, anchor), mark);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(node_at(mark, Node::Kind::map, tag, anchor), mark);
  }
  void OnMapEnd() override { close(); }

 private:
  /// A list or map that is not closed yet. A map's key waits for its value.
  struct Open {
    Node node;
    bool has_key = false;
    Node key;
    std::set<std::string> keys;
  };

  Node node_at(const YAML::Mark& mark, Node::Kind kind, const std::string& tag,
               YAML::anchor_t anchor) {
    if (anchor != 0) {
      throw Refused{mark, "anchors are not supported here"};
    }
    if (!tag.empty() && tag != "?" && tag != "!") {
      throw Refused{mark, "tags are not supported here"};
    }
    if (++count_ > kMaxNodes) {
      throw Refused{mark, "the file has too many values"};
    }
    Node node;
    node.kind = kind;
    node.line = static_cast<std::uint32_t>(mark.line) + 1;
    node.column = static_cast<std::uint32_t>(mark.column) + 1;
    return node;
  }

  void open(Node node, const YAML::Mark& mark) {
    if (open_.size() >= kMaxDepth) {
      throw Refused{mark, "the file is nested too deeply"};
    }
    if (!open_.empty() && open_.back().node.kind == Node::Kind::map && !open_.back().has_key) {
      throw Refused{mark, "a key must be a plain word"};
    }
    open_.push_back({std::move(node), false, {}, {}});
  }

  void close() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node), {});
  }

  void add(Node node, const YAML::Mark& mark) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == Node::Kind::list) {
      parent.node.items.push_back(std::move(node));
    } else if (parent.has_key) {
      parent.node.entries.push_back({std::move(parent.key), std::move(node)});
      parent.has_key = false;
    } else {
      if (!parent.keys.insert(node.text).second) {
        throw Refused{mark, "key `" + text::clean(node.text) + "` stands twice"};
      }
      parent.key = std::move(node);
      parent.has_key = true;
    }
  }

  Node root_;
  std::vector<Open> open_;
  std::size_t count_ = 0;
};

Mistake mistake_at(const std::string& file, const YAML::Mark& mark, const std::string& message) {
  // yaml-cpp's "no place" is -1.
  return {file, static_cast<std::uint32_t>(std::max(mark.line, 0)) + 1,
          static_cast<std::uint32_t>(std::max(mark.column, 0)) + 1, message};
}

/// The number of a line that is longer than kMaxLineBytes. To yaml-cpp \r ends one too; not here.
std::optional<std::uint32_t> too_long_line(std::string_view text) {
  std::uint32_t line = 1;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > kMaxLineBytes) {
      return line;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
    ++line;
  }
  return std::nullopt;
}

}  // namespace

std::string Mistake::to_string() const {
  return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + message;
}

tl::expected<Node, Mistake> load(std::string_view text, const std::string& file) {
  if (text.size() > kMaxBytes) {
    return tl::unexpected(Mistake{file, 1, 1, "the file is larger than 2 MB, which is the limit"});
  }
  if (text.find('\0') != text.npos) {
    return tl::unexpected(Mistake{file, 1, 1, "the file is not text"});
  }
  if (const auto line = too_long_line(text)) {
    return tl::unexpected(
        Mistake{file, *line, 1, "the line is longer than 128 KB, which is the limit"});
  }
  std::istringstream stream{std::string(text)};
  Builder builder;
  try {
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    Builder second;
    if (parser.HandleNextDocument(second)) {
      return tl::unexpected(Mistake{file, 1, 1, "the file has more than one document"});
    }
  } catch (const Refused& refused) {
    return tl::unexpected(mistake_at(file, refused.mark, refused.message));
  } catch (const YAML::Exception& error) {
    return tl::unexpected(mistake_at(file, error.mark, text::clean(error.msg)));
  } catch (const std::exception& error) {
    return tl::unexpected(Mistake{file, 1, 1, text::clean(error.what())});
  }
  return builder.take();
}

}  // namespace cgsentry::yaml
