#include "tftp-http/desk_pages.hpp"

#include <fmt/format.h>

#include "base/crypto/crypto.hpp"
#include "base/keyed_hash.hpp"
#include "tftp-http/desk_form.hpp"

namespace stormdoor::http {
namespace {

using hotdesk::PhoneKind;

HttpResponse page(const Screen& screen, ScreenFormat format, int status = 200) {
  RenderedScreen rendered = render(screen, format);
  HttpResponse response;
  response.status = status;
  response.content_type = std::move(rendered.content_type);
  response.body = std::move(rendered.text);
  response.headers = {{"Cache-Control", "no-store"},
                      {"Referrer-Policy", "no-referrer"},
                      {"Content-Security-Policy",
                       "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
                       "frame-ancestors 'none'"}};
  return response;
}

// Who refuses before it is known whose phone asks goes by what that phone says it understands.
ScreenFormat format_asked_for(const HttpRequest& request) {
  return request.header("Accept") == "application/json" ? ScreenFormat::Digium : ScreenFormat::Html;
}

Screen refusal(std::string title, std::string sentence) {
  Screen screen;
  screen.title = std::move(title);
  screen.lines = {std::move(sentence)};
  screen.refused = true;
  return screen;
}

}  // namespace

// ---- DeskForms ----

std::string DeskForms::issue(const MacAddress& mac, SteadyTime now) {
  std::string id = crypto::hex_encode(crypto::random_bytes(12));
  forms_.with([&](auto& forms) { forms[mac] = {id, now}; });
  return id;
}

bool DeskForms::is_out(const MacAddress& mac, std::string_view id, SteadyTime now) {
  return forms_.with([&](auto& forms) {
    const Form* form = forms.find(mac);
    return form && now - form->made < kLasts && crypto::equal_in_constant_time(form->id, id);
  });
}

bool DeskForms::take(const MacAddress& mac, std::string_view id, SteadyTime now) {
  return forms_.with([&](auto& forms) {
    const Form* form = forms.find(mac);
    if (!form || now - form->made >= kLasts || !crypto::equal_in_constant_time(form->id, id))
      return false;
    forms.erase(mac);
    return true;
  });
}

size_t DeskForms::size() {
  return forms_.with([](const auto& forms) { return forms.size(); });
}

// ---- DeskPages ----

// One request on its way through handle().
struct DeskPages::Visit {
  DeskAddress address;
  hotdesk::PhoneView view;
  ScreenFormat format = ScreenFormat::Html;
  DeskFields typed;   // of the query, and of a person's form
  std::string pages;  // the address of the first page, for links: ".../d/<mac>/<key>/", "m/"

  [[nodiscard]] std::string title() const {
    return view.location ? view.location->label : view.phone->mac.to_string();
  }
  [[nodiscard]] std::string who() const {
    return view.users.empty() ? std::string()
                              : fmt::format("{} ({})", view.label(), view.users.front()->extension);
  }
};

DeskPages::DeskPages(std::shared_ptr<const hotdesk::Registry> registry,
                     std::shared_ptr<const ProfileSet> profiles, Parts parts)
    : registry_(std::move(registry)), profiles_(std::move(profiles)), parts_(std::move(parts)) {}

void DeskPages::replace(std::shared_ptr<const hotdesk::Registry> registry,
                        std::shared_ptr<const ProfileSet> profiles) {
  registry_ = std::move(registry);
  profiles_ = std::move(profiles);
}

void DeskPages::handle(HttpExchange& exchange) {
  const auto& request = exchange.request();
  const auto address = parse_desk_path(request.path);
  if (!address) return exchange.respond(HttpResponse::text(404, "There is no such page."));
  Visit visit;
  visit.address = *address;
  const IpAddress& source = exchange.peer().remote.address;
  const auto admission = parts_.guard.admit(source, acl::Service::DeskLogin, exchange.now(),
                                            acl::PathProof::Connected);
  if (!admission.admitted())
    return exchange.respond(
        page(refusal("Not now", acl::refusal(admission, acl::Service::DeskLogin)),
             format_asked_for(request), 403));
  visit.view = hotdesk::view_of(*registry_, address->mac);
  const std::string key =
      visit.view.phone ? desk_key(address->mac, visit.view.phone->token) : std::string();
  if (key.empty() || !crypto::equal_in_constant_time(key, address->key)) {
    acl::Failure failure;
    failure.service = acl::Service::DeskLogin;
    failure.kind = acl::FailureKind::WrongToken;
    failure.source = source;
    failure.proof = acl::PathProof::Connected;
    failure.device = address->mac;
    failure.fingerprint = keyed_hash(HashKey::of_this_process(), request.path);
    const auto verdict = parts_.guard.report_failure(failure, exchange.now());
    if (parts_.on_verdict) parts_.on_verdict(failure, verdict);
    return exchange.respond(HttpResponse::text(404, "There is no such page."));
  }
  if (!address->for_people)
    if (const PhoneProfile* profile = profiles_->find(visit.view.phone->vendor))
      visit.format = profile->screens;
  // Phones want whole addresses; what a browser shows stays at the origin that it came from.
  visit.pages = fmt::format(
      "{}{}{}/{}/{}", visit.format == ScreenFormat::Html ? "" : profiles_->config().base_url,
      kDeskPrefix, address->mac.lower_hex(), address->key, address->for_people ? "m/" : "");
  visit.typed = read_desk_fields(request.query);
  if (request.method == "POST")
    for (auto& [name, value] : read_desk_fields(exchange.body()))
      visit.typed.insert_or_assign(name, value);
  if (auto refused = refuse(visit, exchange)) return exchange.respond(page(*refused, visit.format));
  if (address->page == "login") return login(visit, exchange);
  if (address->page == "logout") return logout(visit, exchange);
  if (!address->page.empty())
    return exchange.respond(HttpResponse::text(404, "There is no such page."));

  Screen screen;
  screen.title = visit.title();
  if (visit.view.kind == PhoneKind::HotDeskSession) {
    screen.lines = {fmt::format("{} is logged in.", visit.who())};
    screen.keys = {{"LOGOUT", visit.pages + "logout"}};
  } else {
    screen.lines = {"Nobody is logged in."};
    screen.keys = {{"LOGIN", visit.pages + "login"}};
  }
  exchange.respond(page(screen, visit.format));
}

std::optional<Screen> DeskPages::refuse(const Visit& visit, const HttpExchange& exchange) {
  if (!exchange.peer().tls && !profiles_->config().allow_secrets_over_http)
    return refusal("Not like this",
                   "PINs are taken over https:// only. An administrator gives this phone its "
                   "configuration anew.");
  if (visit.view.kind != PhoneKind::HotDeskIdle && visit.view.kind != PhoneKind::HotDeskSession)
    return refusal(visit.title(), "This phone is not used for hot desking.");
  return {};
}

void DeskPages::login(Visit& visit, HttpExchange& exchange) {
  const std::string id(visit.address.form);
  const std::string_view extension =
      visit.address.extension.empty() ? value_of(visit.typed, "ext") : visit.address.extension;
  const auto pin = value_of(visit.typed, "pin");
  const MacAddress& mac = visit.address.mac;
  const SteadyTime now = exchange.now().steady;
  const std::string form = visit.pages + "login/";
  Screen screen;
  screen.title = visit.title();
  if (id.empty() || exchange.request().method == "HEAD") {
    screen.lines = {"Log in with your extension and your voicemail PIN."};
    screen.form = {form + parts_.forms.issue(mac, now),
                   visit.pages,
                   {{"Extension", "ext", false}, {"Voicemail PIN", "pin", true}}};
    if (!takes_whole_forms(visit.format)) screen.form->fields.pop_back();
    return exchange.respond(page(screen, visit.format));
  }
  if (pin.empty() && !takes_whole_forms(visit.format) && is_number(extension) &&
      parts_.forms.is_out(mac, id, now)) {
    screen.lines = {fmt::format("Extension {}", extension)};
    screen.form = {
        fmt::format("{}{}/{}", form, id, extension), visit.pages, {{"Voicemail PIN", "pin", true}}};
    return exchange.respond(page(screen, visit.format));
  }
  if (extension.empty() || pin.empty()) {
    screen.lines = {"Both are needed: your extension and your voicemail PIN."};
  } else if (!parts_.forms.take(mac, id, now)) {
    screen.lines = {"This form was used already, or is older than five minutes."};
  } else {
    DeskAsk wanted;
    wanted.phone = mac;
    wanted.extension = std::string(extension);
    wanted.pin = Secret(std::string(pin));
    wanted.source = exchange.peer().remote.address;
    return ask(visit, exchange, std::move(wanted));
  }
  screen.refused = true;
  screen.keys = {{"Again", visit.pages + "login"}, {"Back", visit.pages}};
  exchange.respond(page(screen, visit.format));
}

void DeskPages::logout(Visit& visit, HttpExchange& exchange) {
  const MacAddress& mac = visit.address.mac;
  const SteadyTime now = exchange.now().steady;
  if (exchange.request().method != "HEAD" && parts_.forms.take(mac, visit.address.form, now)) {
    DeskAsk wanted;
    wanted.what = DeskAsk::What::LogOut;
    wanted.phone = mac;
    wanted.source = exchange.peer().remote.address;
    return ask(visit, exchange, std::move(wanted));
  }
  Screen screen;
  screen.title = visit.title();
  if (visit.view.kind != PhoneKind::HotDeskSession) {
    screen.lines = {"Nobody is logged in."};
    screen.keys = {{"LOGIN", visit.pages + "login"}};
  } else {
    screen.lines = {fmt::format("Log out {}?", visit.who())};
    screen.keys = {{"Yes", fmt::format("{}logout/{}", visit.pages, parts_.forms.issue(mac, now))},
                   {"No", visit.pages}};
  }
  exchange.respond(page(screen, visit.format));
}

void DeskPages::ask(const Visit& visit, HttpExchange& exchange, DeskAsk ask) {
  const auto reply = std::make_shared<HttpReply>(exchange.later());
  const bool in = ask.what == DeskAsk::What::LogIn;
  parts_.decide(std::move(ask), [reply, in, title = visit.title(), pages = visit.pages,
                                 format = visit.format](const DeskAnswer& answer) {
    Screen screen;
    screen.title = title;
    screen.lines = {answer.sentence};
    screen.refused = !answer.done;
    screen.restart = answer.done;
    if (!answer.done && in) screen.keys.push_back({"Again", pages + "login"});
    if (!answer.done) screen.keys.push_back({"Back", pages});
    reply->send(page(screen, format));
  });
}

}  // namespace stormdoor::http
