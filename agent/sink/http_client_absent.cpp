// http_client.h in a build without libcurl: every remote sink is a mistake in the configuration.
#include "base/setup_error.h"
#include "sink/http_client.h"

namespace cgsentry::sink {

std::unique_ptr<HttpClient> make_http_client(HttpOptions /*options*/) {
  throw SetupError("this cgsentry was built without remote sinks",
                   "build it with -DCGSENTRY_REMOTE_SINKS=ON, or use stdout", ExitCode::bad_usage);
}

bool is_usable_url(const std::string& /*url*/) {
  return false;
}

std::string redact_url(const std::string& /*url*/) {
  return "<url>";
}

}  // namespace cgsentry::sink
