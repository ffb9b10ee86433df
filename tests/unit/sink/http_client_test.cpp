// Tests sink/http_client against a real server that misbehaves in every way it knows.
#if CGSENTRY_REMOTE_SINKS
#include "sink/http_client.h"

#include <sys/socket.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "support/catch.h"
#include "support/transitions.h"
#include "support/webhook_receiver.h"

using namespace cgsentry;
using namespace std::chrono_literals;
using sink::HttpOptions;
using sink::HttpReply;
using sink::HttpRequest;
using test::WebhookReceiver;

namespace {

/// Times are short where a test waits for them to pass, and long where it must not.
HttpReply post(const std::string& url, HttpOptions options = {}) {
  return sink::make_http_client(std::move(options))->post({url, {{"X-Test", "1"}}, "{\"a\":1}"});
}

HttpOptions impatient() {
  HttpOptions options;
  options.total_timeout = 300ms;
  return options;
}

/// A certificate for 127.0.0.1 that nobody has signed, in a directory of its own.
struct Certificate {
  std::filesystem::path directory;
  std::string file;
  std::string key;

  Certificate() {
    std::string pattern = (std::filesystem::temp_directory_path() / "cgsentry-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    directory = pattern;
    file = directory / "cert.pem";
    key = directory / "key.pem";
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
        " -subj /CN=receiver -addext subjectAltName=IP:127.0.0.1 -keyout " +
        key + " -out " + file + " 2>/dev/null";
    REQUIRE(std::system(command.c_str()) == 0);
  }
  ~Certificate() { std::filesystem::remove_all(directory); }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;
};

}  // namespace

TEST_CASE("a POST arrives with its headers and body and the answer comes back") {
  WebhookReceiver receiver({"200"});
  const HttpReply reply = post(receiver.url());
  CHECK(reply.status == 200);
  CHECK(reply.body == "answer 200");
  const auto request = receiver.next_request();
  CHECK(request.at("method") == "POST");
  CHECK(request.at("path") == "/hook?token=secret");
  CHECK(request.at("body") == "{\"a\":1}");
  CHECK(request.at("headers").at("x-test") == "1");
  CHECK_FALSE(request.at("headers").contains("expect"));
}

TEST_CASE("a client posts again and again over the same connection") {
  WebhookReceiver receiver({"200", "204", "500"});
  const auto client = sink::make_http_client({});
  CHECK(client->post({receiver.url(), {}, "1"}).status == 200);
  CHECK(client->post({receiver.url(), {}, "22"}).status == 204);
  CHECK(client->post({receiver.url(), {}, "333"}).status == 500);
  CHECK(receiver.next_request().at("body") == "1");
  CHECK(receiver.next_request().at("body") == "22");
  CHECK(receiver.next_request().at("body") == "333");
}

TEST_CASE("Retry-After is read when it is a number of seconds or a date, and else ignored") {
  WebhookReceiver receiver({"429/7", "503/garbage", "503/-5", "429/Wed, 21 Oct 2015 07:28:00 GMT",
                            "429/99999999999999999999", "429"});
  CHECK(post(receiver.url()).retry_after == 7s);
  for (int i = 0; i < 3; ++i) {
    CHECK(post(receiver.url()).retry_after.value_or(0s) == 0s);
  }
  CHECK(post(receiver.url()).retry_after.value_or(0s) >= 0s);
  CHECK(post(receiver.url()).retry_after == std::nullopt);
}

TEST_CASE("a redirect is not followed") {
  WebhookReceiver elsewhere({"200"});
  WebhookReceiver receiver({"302=" + elsewhere.url()});
  CHECK(post(receiver.url()).status == 302);
  CHECK_FALSE(elsewhere.has_request());
}

TEST_CASE("a redirect is followed where that is configured, never to another scheme") {
  WebhookReceiver elsewhere({"200"});
  WebhookReceiver receiver({"307=" + elsewhere.url(), "307=file:///etc/passwd"});
  HttpOptions options;
  options.follow_redirects = true;
  CHECK(post(receiver.url(), options).status == 200);
  CHECK(elsewhere.next_request().at("body") == "{\"a\":1}");
  CHECK(post(receiver.url(), options).body.find("root:") == std::string::npos);
}

TEST_CASE("a server that never answers costs the total timeout") {
  WebhookReceiver receiver({"silent"});
  const HttpReply reply = post(receiver.url(), impatient());
  CHECK(reply.status == 0);
  CHECK_FALSE(reply.error.empty());
  CHECK_FALSE(reply.cancelled);
}

TEST_CASE("a server that drips its answer does not prolong the timeout") {
  WebhookReceiver receiver({"drip"});
  CHECK(post(receiver.url(), impatient()).status == 0);
}

TEST_CASE("a body without an end is read up to its bound, and the status counts") {
  WebhookReceiver receiver({"endless"});
  HttpOptions options;
  options.max_response_bytes = 10'000;
  const HttpReply reply = post(receiver.url(), options);
  CHECK(reply.status == 200);
  CHECK(reply.body.size() == 10'000);
}

TEST_CASE("headers without an end are no answer") {
  WebhookReceiver receiver({"headers"});
  const HttpReply reply = post(receiver.url());
  CHECK(reply.status == 0);
  CHECK(reply.error == "the headers of the answer are too long");
}

TEST_CASE("a connection that breaks is no answer") {
  WebhookReceiver receiver({"reset"});
  CHECK(post(receiver.url()).status == 0);
}

TEST_CASE("a port where nobody listens is no answer, and the error holds no secret") {
  std::string url;
  {
    WebhookReceiver receiver({"200"});
    url = receiver.url();
  }
  const HttpReply reply = post(url);
  CHECK(reply.status == 0);
  CHECK_FALSE(reply.error.empty());
  CHECK(reply.error.find("secret") == std::string::npos);
}

TEST_CASE("cancel ends a post that waits for its server, and refuses later ones") {
  WebhookReceiver receiver({"silent"});
  HttpOptions patient;
  patient.total_timeout = 60s;
  const auto client = sink::make_http_client(patient);
  HttpReply reply;
  std::thread poster([&] { reply = client->post({receiver.url(), {}, "x"}); });
  receiver.next_request();
  client->cancel();
  poster.join();
  CHECK(reply.cancelled);
  CHECK(client->post({receiver.url(), {}, "x"}).cancelled);
}

TEST_CASE("a header that would end early is not sent") {
  WebhookReceiver receiver({"200"});
  const auto client = sink::make_http_client({});
  CHECK(client->post({receiver.url(), {{"X-A", "1\r\nX-Evil: 1"}}, "x"}).status == 0);
  CHECK(client->post({receiver.url(), {{"X A", "1"}}, "x"}).status == 0);
  CHECK_FALSE(receiver.has_request());
}

TEST_CASE("a certificate that nobody vouches for is refused") {
  const Certificate certificate;
  WebhookReceiver receiver({"--tls", certificate.file, certificate.key, "200"});
  CHECK(post(receiver.url("https")).status == 0);
  CHECK_FALSE(receiver.has_request());
}

TEST_CASE("a certificate of the configured authority is accepted") {
  const Certificate certificate;
  WebhookReceiver receiver({"--tls", certificate.file, certificate.key, "200"});
  HttpOptions options;
  options.ca_file = certificate.file;
  CHECK(post(receiver.url("https"), options).status == 200);
}

TEST_CASE("a certificate for another host is refused") {
  const Certificate certificate;
  WebhookReceiver receiver({"--tls", certificate.file, certificate.key, "200"});
  HttpOptions options;
  options.ca_file = certificate.file;
  std::string url = receiver.url("https");
  url.replace(url.find("127.0.0.1"), 9, "localhost");
  CHECK(post(url, options).status == 0);
}

TEST_CASE("only http and https URLs with a host are usable") {
  CHECK(sink::is_usable_url("http://a/b"));
  CHECK(sink::is_usable_url("HTTPS://[::1]:8443/x?y"));
  for (const char* url : {"", "a", "/x", "file:///etc/passwd", "gopher://a", "http://", "ftp://a/b",
                          "http://a b/", "http://a\n/"}) {
    CHECK_FALSE(sink::is_usable_url(url));
  }
}

TEST_CASE("a redacted URL has neither path, query nor password") {
  CHECK(sink::redact_url("https://user:pw@chat.example:8443/T0/B0?token=x") ==
        "https://chat.example");
  CHECK(sink::redact_url("::") == "<invalid url>");
}
#endif  // CGSENTRY_REMOTE_SINKS
