#include "tftp-http/desk_screens.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "tftp-http/template_renderer.hpp"

namespace stormdoor::http {
namespace {

constexpr std::string_view kXml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

std::string xml(std::string_view text) {
  return escape(text, Format::Xml);
}

std::string joined(const Screen& screen) {
  std::string text;
  for (const auto& line : screen.lines) text += (text.empty() ? "" : " ") + line;
  return text;
}

std::string element(std::string_view name, std::string_view text) {
  return fmt::format("<{0}>{1}</{0}>\n", name, xml(text));
}

// ---- Yealink, Aastra and Mitel: InputScreen, TextScreen, Execute, which differ by their names
// (Yealink SIP-T4x XML browser manual; working login screens of Aastra phones) ----

std::string soft_keys(const Screen& screen) {
  std::string text;
  int index = 1;
  for (const auto& key : screen.keys)
    text += fmt::format("<SoftKey index=\"{}\">\n{}{}</SoftKey>\n", index++,
                        element("Label", key.label), element("URI", key.url));
  return text;
}

std::string input_screen(const Screen& screen, std::string_view maker, std::string_view more) {
  const std::string name = fmt::format("{}IPPhoneInputScreen", maker);
  std::string text =
      fmt::format("<{} type=\"number\" destroyOnExit=\"yes\" cancelAction=\"{}\"{}>\n{}{}", name,
                  xml(screen.form->cancel), more, element("Title", screen.title),
                  element("URL", screen.form->url));
  for (const auto& field : screen.form->fields)
    text += fmt::format(
        "<InputField type=\"number\" password=\"{}\" editable=\"yes\">\n{}{}<Default></Default>\n"
        "</InputField>\n",
        field.hidden ? "yes" : "no", element("Prompt", field.prompt),
        element("Parameter", field.parameter));
  return text + fmt::format("</{}>\n", name);
}

std::string text_screen(const Screen& screen, std::string_view maker) {
  if (screen.restart)
    return fmt::format(
        "<{0}IPPhoneExecute Beep=\"yes\">\n<ExecuteItem URI=\"Command: Reset\"/>\n"
        "</{0}IPPhoneExecute>\n",
        maker);
  return fmt::format(
      "<{0}IPPhoneTextScreen destroyOnExit=\"yes\">\n{1}{2}{3}</{0}IPPhoneTextScreen>\n", maker,
      element("Title", screen.title), element("Text", joined(screen)), soft_keys(screen));
}

std::string yealink(const Screen& screen) {
  return screen.form ? input_screen(screen, "Yealink", "") : text_screen(screen, "Yealink");
}

std::string aastra(const Screen& screen) {
  return screen.form ? input_screen(screen, "Aastra", " displayMode=\"condensed\"")
                     : text_screen(screen, "Aastra");
}

// ---- Cisco: CiscoIPPhoneInput and CiscoIPPhoneText (XML services guide) ----

std::string cisco_keys(const Screen& screen) {
  std::string text;
  int position = 1;
  for (const auto& key : screen.keys)
    text += "<SoftKeyItem>\n" + element("Name", key.label) + element("URL", key.url) +
            element("Position", std::to_string(position++)) + "</SoftKeyItem>\n";
  return text;
}

std::string cisco(const Screen& screen) {
  if (screen.form) {
    std::string text = "<CiscoIPPhoneInput>\n" + element("Title", screen.title) +
                       element("Prompt", joined(screen)) + element("URL", screen.form->url);
    for (const auto& field : screen.form->fields)
      text += "<InputItem>\n" + element("DisplayName", field.prompt) +
              element("QueryStringParam", field.parameter) + element("DefaultValue", "") +
              element("InputFlags", field.hidden ? "NP" : "N") + "</InputItem>\n";
    return text + "</CiscoIPPhoneInput>\n";
  }
  return "<CiscoIPPhoneText>\n" + element("Title", screen.title) +
         element("Prompt", screen.keys.empty() ? "" : "Choose") + element("Text", joined(screen)) +
         cisco_keys(screen) + "</CiscoIPPhoneText>\n";
}

// ---- Snom: one InputItem per form, menus for choices ----

std::string snom(const Screen& screen) {
  if (screen.form) {
    const ScreenField& field = screen.form->fields.front();
    return "<SnomIPPhoneInput track=\"no\">\n" + element("Title", screen.title) +
           element("Prompt", joined(screen)) + element("URL", screen.form->url) + "<InputItem>\n" +
           element("DisplayName", field.prompt) + element("QueryStringParam", field.parameter) +
           element("DefaultValue", "") + element("InputFlags", field.hidden ? "pn" : "n") +
           "</InputItem>\n</SnomIPPhoneInput>\n";
  }
  if (screen.keys.empty())
    return "<SnomIPPhoneText>\n" + element("Title", screen.title) +
           element("Text", joined(screen)) + "</SnomIPPhoneText>\n";
  // A menu has no text of its own: what there is to say is its title.
  const std::string said = joined(screen);
  std::string text =
      "<SnomIPPhoneMenu>\n" +
      element("Title", said.empty() ? screen.title : fmt::format("{}: {}", screen.title, said));
  for (const auto& key : screen.keys)
    text += "<MenuItem>\n" + element("Name", key.label) + element("URL", key.url) + "</MenuItem>\n";
  return text + "</SnomIPPhoneMenu>\n";
}

// ---- HTML: without scripts, so that the smallest browser shows it ----

constexpr std::string_view kStyle =
    "body{font:1.1em sans-serif;margin:1.5em auto;max-width:24em;padding:0 1em}"
    "h1{font-size:1.4em}p.refused{color:#a00}"
    "label{display:block;margin:1em 0}"
    "input{font-size:1.2em;display:block;width:100%;padding:.4em;box-sizing:border-box}"
    "button,a.key{display:inline-block;font-size:1.1em;padding:.6em 1.2em;margin:.5em .5em 0 0;"
    "background:#06c;color:#fff;border:0;border-radius:.3em;text-decoration:none}";

std::string html(const Screen& screen) {
  std::string text = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<h1>{0}</h1>\n",
      xml(screen.title), kStyle);
  for (const auto& line : screen.lines)
    text += fmt::format("<p{}>{}</p>\n", screen.refused ? " class=\"refused\" role=\"alert\"" : "",
                        xml(line));
  if (screen.form) {
    text += fmt::format("<form method=\"post\" action=\"{}\">\n", xml(screen.form->url));
    for (const auto& field : screen.form->fields)
      text += fmt::format(
          "<label>{} <input name=\"{}\" type=\"{}\" inputmode=\"numeric\" autocomplete=\"off\" "
          "required></label>\n",
          xml(field.prompt), xml(field.parameter), field.hidden ? "password" : "text");
    text += fmt::format("<button>OK</button>\n<a class=\"key\" href=\"{}\">Cancel</a>\n</form>\n",
                        xml(screen.form->cancel));
  }
  for (const auto& key : screen.keys)
    text += fmt::format("<a class=\"key\" href=\"{}\">{}</a>\n", xml(key.url), xml(key.label));
  return text + "</body>\n</html>\n";
}

// ---- Digium: what the phone's app draws (etc/phones/sangoma/app), as JSON (RFC 8259) ----

std::string json_text(std::string_view text) {
  if (!is_valid_utf8(text)) return json_text(printable(text, 4 * text.size()));
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      quoted += {'\\', c};
    else if (static_cast<unsigned char>(c) < 0x20)
      quoted += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
      quoted += c;
  }
  return quoted + '"';
}

template <typename Items, typename Show>
std::string json_list(const Items& items, const Show& show) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ", ") + show(item);
  return "[" + text + "]";
}

std::string digium(const Screen& screen) {
  std::string text =
      fmt::format("{{\n\"title\": {},\n\"lines\": {},\n\"keys\": {},\n", json_text(screen.title),
                  json_list(screen.lines, [](const std::string& line) { return json_text(line); }),
                  json_list(screen.keys, [](const ScreenKey& key) {
                    return fmt::format("{{\"label\": {}, \"url\": {}}}", json_text(key.label),
                                       json_text(key.url));
                  }));
  if (screen.form)
    text += fmt::format("\"form\": {{\"url\": {}, \"cancel\": {}, \"fields\": {}}},\n",
                        json_text(screen.form->url), json_text(screen.form->cancel),
                        json_list(screen.form->fields, [](const ScreenField& field) {
                          return fmt::format(
                              "{{\"prompt\": {}, \"parameter\": {}, \"hidden\": {}}}",
                              json_text(field.prompt), json_text(field.parameter), field.hidden);
                        }));
  return text +
         fmt::format("\"restart\": {},\n\"refused\": {}\n}}\n", screen.restart, screen.refused);
}

}  // namespace

bool takes_whole_forms(ScreenFormat format) {
  return format != ScreenFormat::Snom;
}

RenderedScreen render(const Screen& screen, ScreenFormat format) {
  switch (format) {
    case ScreenFormat::Html:
      break;
    case ScreenFormat::Yealink:
      return {"text/xml; charset=utf-8", std::string(kXml) + yealink(screen)};
    case ScreenFormat::Cisco:
      return {"text/xml; charset=utf-8", std::string(kXml) + cisco(screen)};
    case ScreenFormat::Aastra:
      return {"text/xml; charset=utf-8", std::string(kXml) + aastra(screen)};
    case ScreenFormat::Snom:
      return {"text/xml; charset=utf-8", std::string(kXml) + snom(screen)};
    case ScreenFormat::Digium:
      return {"application/json", digium(screen)};
  }
  return {"text/html; charset=utf-8", html(screen)};
}

}  // namespace stormdoor::http
