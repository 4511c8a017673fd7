#include "edge/app_upload.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <initializer_list>
#include <string_view>

#include "base/text.hpp"

namespace stormdoor::edge {
namespace {

constexpr size_t kMostShownBytes = 100;
constexpr long kOk = 200;
constexpr long kFirstThatIsNoSuccess = 300;
constexpr long kUnauthorized = 401;

struct EndHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct EndForm {
  void operator()(curl_mime* form) const { curl_mime_free(form); }
};
struct EndList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, EndHandle>;
using Form = std::unique_ptr<curl_mime, EndForm>;
using List = std::unique_ptr<curl_slist, EndList>;

// What a phone answers, and its headers, counted together.
struct Heard {
  std::string body;
  size_t bytes = 0;
  const std::atomic<bool>* stop = nullptr;
};

bool is_too_much(Heard& heard, size_t more) {
  heard.bytes += more;
  return heard.bytes > AppUploader::kMostAnswerBytes;
}

extern "C" {
size_t stormdoor_hear_body(char* data, size_t one, size_t count, void* heard_) noexcept {
  auto& heard = *static_cast<Heard*>(heard_);
  if (is_too_much(heard, one * count)) return 0;
  if (heard.body.size() < 4 * kMostShownBytes) heard.body.append(data, one * count);
  return one * count;
}
size_t stormdoor_hear_header(char* /*data*/, size_t one, size_t count, void* heard) noexcept {
  return is_too_much(*static_cast<Heard*>(heard), one * count) ? 0 : one * count;
}
int stormdoor_go_on(void* heard, curl_off_t /*unused*/, curl_off_t /*unused*/,
                    curl_off_t /*unused*/, curl_off_t /*unused*/) noexcept {
  return *static_cast<Heard*>(heard)->stop ? 1 : 0;
}
}

struct Field {
  const char* name;
  std::string_view value;
  const char* file_name = nullptr;
};

void add_field(curl_mime* form, const Field& field) {
  curl_mimepart* part = curl_mime_addpart(form);
  curl_mime_name(part, field.name);
  curl_mime_data(part, field.value.data(), field.value.size());
  if (!field.file_name) return;
  curl_mime_filename(part, field.file_name);
  curl_mime_type(part, "application/zip");
}

void say_limits(CURL* handle, Heard& heard) {
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(handle, CURLOPT_NETRC, long{CURL_NETRC_IGNORED});
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, long(AppUploader::kConnectTime.count()));
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, long(AppUploader::kMostTime.count()));
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, stormdoor_hear_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &heard);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, stormdoor_hear_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &heard);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, stormdoor_go_on);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &heard);
}

void say_login(CURL* handle, const AppUploader::Upload& upload) {
  const std::string password(upload.password.reveal());
  curl_easy_setopt(handle, CURLOPT_USERNAME, upload.app->login.c_str());
  curl_easy_setopt(handle, CURLOPT_PASSWORD, password.c_str());  // copied by libcurl
  // With nothing but Digest the first request carries neither a password nor the form.
  curl_easy_setopt(
      handle, CURLOPT_HTTPAUTH,
      upload.basic_login ? long(CURLAUTH_DIGEST | CURLAUTH_BASIC) : long(CURLAUTH_DIGEST));
}

Error no_success(CURL* handle, long status, const Heard& heard, const AppUploader::Upload& upload) {
  if (status == kUnauthorized) {
    long offered = 0;
    curl_easy_getinfo(handle, CURLINFO_HTTPAUTH_AVAIL, &offered);
    const bool only_basic = (offered & CURLAUTH_BASIC) != 0 && (offered & CURLAUTH_DIGEST) == 0;
    if (only_basic && !upload.basic_login)
      return {ErrorCode::PermissionDenied,
              "it offers a Basic login only, which sends the password in the clear; "
              "[phone_app] basic_login allows that"};
    return {ErrorCode::PermissionDenied,
            "it does not accept the password; it may not have applied its configuration yet"};
  }
  const std::string said = printable(trim(heard.body), kMostShownBytes);
  return {ErrorCode::Unavailable, said.empty()
                                      ? fmt::format("it answers with status {}", status)
                                      : fmt::format("it answers with status {}: {}", status, said)};
}

// One form, on a connection and with a login of its own, as the vendor's samples do: what a phone
// thinks of a nonce that is used again nobody has written down.
Result<void> post_form(std::initializer_list<Field> fields, const AppUploader::Upload& upload,
                       const std::atomic<bool>& stop) {
  const Handle handle(curl_easy_init());
  if (!handle) return Error(ErrorCode::Unavailable, "libcurl has no memory");
  const Form form(curl_mime_init(handle.get()));
  for (const Field& field : fields) add_field(form.get(), field);
  Heard heard;
  heard.stop = &stop;
  const std::string url = fmt::format("http://{}{}", upload.phone.to_string(), upload.app->upload);
  // Small devices know no "100 Continue"; libcurl would wait a second for it.
  const List headers(curl_slist_append(nullptr, "Expect:"));
  curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_USERAGENT, "stormdoor");
  curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle.get(), CURLOPT_MIMEPOST, form.get());
  say_limits(handle.get(), heard);
  say_login(handle.get(), upload);
  const CURLcode code = curl_easy_perform(handle.get());
  if (code == CURLE_WRITE_ERROR) return Error(ErrorCode::Unavailable, "it answers without end");
  if (code != CURLE_OK)
    return Error(ErrorCode::Unavailable, printable(curl_easy_strerror(code), kMostShownBytes));
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status < kOk || status >= kFirstThatIsNoSuccess)
    return no_success(handle.get(), status, heard, upload);
  return {};
}

}  // namespace

AppUploader::AppUploader() {
  curl_global_init(CURL_GLOBAL_NOTHING);  // OpenSSL sees to itself, and there is no TLS here
}

AppUploader::~AppUploader() {
  curl_global_cleanup();
}

Result<void> AppUploader::give(const Upload& upload, const std::atomic<bool>& stop) const {
  const std::string file_name = upload.app->name + ".zip";
  TRY(post_form({{"file", upload.app->zip, file_name.c_str()}, {"mode", "install"}}, upload, stop));
  TRY_WHILE("it has the app, but does not start it",
            post_form({{"appname", upload.app->name}, {"mode", "start"}}, upload, stop));
  return {};
}

}  // namespace stormdoor::edge
