#include "bench/storm/phone.hpp"

#include <utility>

namespace stormdoor::storm {

Phone::Phone(StormLoop& storm, const Target& target, const BootScript& script,
             const PhoneSpec& spec)
    : storm_(storm), target_(target), script_(script), spec_(spec), run_(script, spec) {}
Phone::~Phone() = default;

void Phone::boot(std::function<void(const Phone&)> on_done) {
  on_done_ = std::move(on_done);
  begun_ = storm_.now().steady;
  ask_next();
}

void Phone::ask_next() {
  const auto ask = run_.next();
  if (!configured_ && run_.configured()) configured_ = storm_.now().steady;
  if (ask) {
    if (spec_.transport == Transport::Tftp) return ask_tftp(*ask);
    return ask_http(*ask);
  }
  ended_ = storm_.now().steady;
  tftp_.reset();
  http_.reset();
  const auto on_done = std::exchange(on_done_, nullptr);
  on_done(*this);
}

void Phone::ask_tftp(const BootRun::Ask& ask) {
  if (!tftp_) tftp_ = std::make_unique<TftpClient>(storm_, spec_.source);
  TftpRequest request{.server = target_.tftp.value_or(Endpoint{}),
                      .path = ask.path,
                      .options = script_.tftp,
                      .patience = script_.tftp_patience,
                      .hashed = ask.hashed};
  tftp_->fetch(request, [this](FetchResult answer) { on_answer(std::move(answer)); });
}

void Phone::ask_http(const BootRun::Ask& ask) {
  if (!http_) http_ = std::make_unique<HttpClient>(storm_, spec_.source);
  UrlTarget to{.transport = spec_.transport,
               .server = target_.endpoint(spec_.transport).value_or(Endpoint{}),
               .host = target_.host,
               .folder = target_.folder};
  // A name in a boot file may be a whole address of its own.
  const std::string& url = ask.path.find("://") != std::string::npos ? ask.path : ask.url;
  const bool whole = &url == &ask.path;
  if (!url.empty()) {
    if (auto read = read_url(url, target_, spec_.transport)) to = std::move(*read);
    if (whole) to.folder.pop_back();
  }
  HttpRequest request{.server = to.server,
                      .tls = to.transport == Transport::Https ? target_.tls : nullptr,
                      .host = to.host,
                      .path = to.folder + (whole ? "" : ask.path),
                      .user_agent = fill_in(script_.user_agent, spec_),
                      .login = spec_.login,
                      .patience = script_.http_patience,
                      .hashed = ask.hashed};
  http_->fetch(std::move(request), [this](FetchResult answer) { on_answer(std::move(answer)); });
}

void Phone::on_answer(FetchResult answer) {
  run_.on_result(answer);
  ask_next();
}

}  // namespace stormdoor::storm
