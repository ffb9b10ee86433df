// The pieces that the alert line and the webhook payload share: one alert as JSON fields.
//
// Everything that was written by someone else (labels, annotations, evidence) passes base/text on
// its way, so the result is valid JSON without control characters whatever comes in. A JSON text
// that gets too long is written again with less Detail.
// Tested through json_line and alertmanager_payload.
#pragma once

#include <string>

#include "model/alert.h"

namespace cgsentry::sink {

/// From all there is to what identifies the alert.
enum class Detail { full, short_annotations, bare };
inline constexpr Detail kDetails[] = {Detail::full, Detail::short_annotations, Detail::bare};

/// {"name":"value",…}; values are cut (base/text marks that) to what `detail` allows.
void append_labels(std::string& out, const Labels& labels, Detail detail);
/// As append_labels, with room for prose. `{}` when `detail` has no room for annotations.
void append_annotations(std::string& out, const Labels& annotations, Detail detail);

enum class EndsAt { when_resolved, always };

/// "status" … "fingerprint", Alertmanager's fields of an alert, without braces. With
/// EndsAt::always a firing alert ends at Alertmanager's "never": 0001-01-01T00:00:00Z.
void append_alertmanager_fields(std::string& out, const Transition& transition, Detail detail,
                                EndsAt ends_at);
/// `,"node"` … `,"evidence"`: what cgsentry says beyond that, with a leading comma.
void append_own_fields(std::string& out, const Transition& transition, Detail detail);

}  // namespace cgsentry::sink
