#include "sink/json_line.h"

#include "sink/alert_json.h"

namespace cgsentry::sink {

void write_json_line(const Transition& transition, std::string& line) {
  for (const Detail detail : kDetails) {
    line.clear();
    line += '{';
    append_alertmanager_fields(line, transition, detail, EndsAt::when_resolved);
    append_own_fields(line, transition, detail);
    line += "}\n";
    if (line.size() <= kMaxLineBytes) {
      return;
    }
  }
}

}  // namespace cgsentry::sink
