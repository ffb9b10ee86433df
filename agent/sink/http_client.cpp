#include "sink/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "base/setup_error.h"

namespace cgsentry::sink {

namespace {

constexpr std::size_t kMaxHeaderBytes = std::size_t{64} << 10;  // of one answer, redirects and all
// libcurl's own timers and cancel() wake it earlier; this only bounds a mistake of ours.
constexpr int kPollMs = 10'000;
constexpr long kMaxRedirects = 3;

// CURL and CURLM are both void to the compiler, so one deleter could not tell them apart.
template <auto function>
struct FreeWith {
  void operator()(auto* handle) const { function(handle); }
};
using Easy = std::unique_ptr<CURL, FreeWith<&curl_easy_cleanup>>;
using Multi = std::unique_ptr<CURLM, FreeWith<&curl_multi_cleanup>>;
using Url = std::unique_ptr<CURLU, FreeWith<&curl_url_cleanup>>;
using HeaderList = std::unique_ptr<curl_slist, FreeWith<&curl_slist_free_all>>;

// libcurl's global state, once per process and for its life.
void init_library() {
  static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (result != CURLE_OK) {
    throw SetupError(std::string("libcurl: ") + curl_easy_strerror(result),
                     "reinstall libcurl, or use only stdout");
  }
}

long to_ms(Duration duration) {
  return static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(duration).count());
}

// An answer while it comes in.
struct Answer {
  std::size_t max_body_bytes;
  std::string body;
  std::size_t header_bytes = 0;
  bool headers_complete = false;
};

// libcurl takes any return value but `size * count` as "stop": what goes over a bound ends the
// transfer.
std::size_t take_body(char* data, std::size_t size, std::size_t count, void* answer_of) {
  auto& answer = *static_cast<Answer*>(answer_of);
  const std::size_t room = answer.max_body_bytes - answer.body.size();
  answer.body.append(data, std::min(size * count, room));
  return size * count <= room ? size * count : 0;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* answer_of) {
  auto& answer = *static_cast<Answer*>(answer_of);
  const std::string_view line(data, size * count);
  answer.header_bytes += line.size();
  answer.headers_complete = line == "\r\n" || line == "\n";
  return answer.header_bytes <= kMaxHeaderBytes ? line.size() : 0;
}

class CurlClient final : public HttpClient {
 public:
  explicit CurlClient(HttpOptions options) : options_(std::move(options)) {
    init_library();
    easy_.reset(curl_easy_init());
    multi_.reset(curl_multi_init());
    if (!easy_ || !multi_) {
      throw SetupError("libcurl: out of memory", "give the agent more memory");
    }
  }

  HttpReply post(const HttpRequest& request) override {
    HeaderList headers;
    for (const auto& [name, value] : request.headers) {
      if (!is_usable_header(name, value) || !append(headers, fmt::format("{}: {}", name, value))) {
        return HttpReply{.error = "a header cannot be sent: " + name};
      }
    }
    // Without it libcurl waits a second for "100 Continue" before a body of more than 1 MB.
    append(headers, "Expect:");
    Answer answer{options_.max_response_bytes, {}};
    prepare(request, headers.get(), answer);
    const CURLcode result = run();
    return read(result, std::move(answer));
  }

  void cancel() override {
    cancelled_ = true;
    curl_multi_wakeup(multi_.get());
  }

 private:
  static bool append(HeaderList& list, const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) {
      return false;
    }
    (void)list.release();  // `longer` begins with it
    list.reset(longer);
    return true;
  }

  template <typename Value>
  void set(CURLoption option, Value value) {
    // Fails only for an option that this libcurl was built without; TLS options are the ones that
    // matter, and without TLS an https URL fails by itself.
    (void)curl_easy_setopt(easy_.get(), option, value);
  }

  void prepare(const HttpRequest& request, curl_slist* headers, Answer& answer) {
    curl_easy_reset(easy_.get());  // keeps the connection
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, options_.follow_redirects ? 1L : 0L);
    set(CURLOPT_MAXREDIRS, kMaxRedirects);
    set(CURLOPT_POSTREDIR, static_cast<long>(CURL_REDIR_POST_ALL));
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_HTTPHEADER, headers);
    set(CURLOPT_USERAGENT, "cgsentry");
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_POSTFIELDS, request.body.data());
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_CONNECTTIMEOUT_MS, to_ms(options_.connect_timeout));
    set(CURLOPT_TIMEOUT_MS, to_ms(options_.total_timeout));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options_.ca_file.empty()) {
      set(CURLOPT_CAINFO, options_.ca_file.c_str());
      set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    }
    set(CURLOPT_WRITEFUNCTION, &take_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&answer));
    set(CURLOPT_HEADERFUNCTION, &take_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(&answer));
  }

  // The transfer on this thread, so that cancel() can end it at any moment.
  CURLcode run() {
    if (curl_multi_add_handle(multi_.get(), easy_.get()) != CURLM_OK) {
      return CURLE_FAILED_INIT;
    }
    int running = 1;
    CURLMcode state = CURLM_OK;
    while (running > 0 && state == CURLM_OK && !cancelled_) {
      state = curl_multi_perform(multi_.get(), &running);
      if (running > 0 && state == CURLM_OK && !cancelled_) {
        state = curl_multi_poll(multi_.get(), nullptr, 0, kPollMs, nullptr);
      }
    }
    CURLcode result = state == CURLM_OK ? CURLE_OPERATION_TIMEDOUT : CURLE_FAILED_INIT;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg == CURLMSG_DONE) {
        result = message->data.result;
      }
    }
    if (cancelled_) {
      // Else libcurl would wait here for a name server that does not answer.
      set(CURLOPT_QUICK_EXIT, 1L);
    }
    curl_multi_remove_handle(multi_.get(), easy_.get());
    return result;
  }

  HttpReply read(CURLcode result, Answer answer) {
    HttpReply reply;
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    // A server that has answered has answered, even if the body never ends or is too long.
    if (result == CURLE_OK || (answer.headers_complete && status >= 200)) {
      curl_off_t seconds = 0;
      curl_easy_getinfo(easy_.get(), CURLINFO_RETRY_AFTER, &seconds);
      if (seconds > 0) {
        reply.retry_after = std::chrono::seconds(seconds);
      }
      reply.status = static_cast<int>(status);
      reply.body = std::move(answer.body);
      return reply;
    }
    reply.cancelled = cancelled_;
    reply.error = curl_easy_strerror(result);
    if (reply.cancelled) {
      reply.error = "cancelled";
    } else if (result == CURLE_WRITE_ERROR && answer.header_bytes > kMaxHeaderBytes) {
      reply.error = "the headers of the answer are too long";
    }
    return reply;
  }

  const HttpOptions options_;
  Multi multi_;  // freed after the easy handle
  Easy easy_;
  std::atomic<bool> cancelled_{false};
};

Url parse_url(const std::string& url) {
  Url parsed(curl_url());
  const bool valid =
      parsed && curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) == CURLUE_OK;
  return valid ? std::move(parsed) : nullptr;
}

std::string part(CURLU* url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, 0) != CURLUE_OK) {
    return {};
  }
  std::string copy(text);
  curl_free(text);
  return copy;
}

}  // namespace

std::unique_ptr<HttpClient> make_http_client(HttpOptions options) {
  return std::make_unique<CurlClient>(std::move(options));
}

bool is_usable_url(const std::string& url) {
  const auto parsed = parse_url(url);
  if (!parsed) {
    return false;
  }
  const std::string scheme = part(parsed.get(), CURLUPART_SCHEME);
  return (scheme == "http" || scheme == "https") && !part(parsed.get(), CURLUPART_HOST).empty();
}

std::string redact_url(const std::string& url) {
  const auto parsed = parse_url(url);
  if (!parsed) {
    return "<invalid url>";
  }
  return part(parsed.get(), CURLUPART_SCHEME) + "://" + part(parsed.get(), CURLUPART_HOST);
}

}  // namespace cgsentry::sink
