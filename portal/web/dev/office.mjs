// A sample office that answers like the API: enough to look at every page and state.

const NAMES = ["Ada King", "Ben Okafor", "Cleo Marchetti", "Dan Whitfield", "Eve Lindqvist", "Finn O’Hara", "Gil Aranda", "Hana Suzuki", "Ivo Petrov", "Jo Bennett", "Kim Larsen", "Lea Fontaine", "Max Oyelaran", "Nia Rhodes", "Oto Novak", "Pia Keller", "Quin Adeyemi", "Rui Tavares", "Sam Whitaker", "Tess <b>Bold</b>"];
const MODELS = [["sangoma", "P330"], ["sangoma", "D65"], ["yealink", "T54W"], ["polycom", "VVX_411"], ["snom", "D785"], ["cisco", "CP-7945G"]];
const OUI = { sangoma: "00:0F:D3", yealink: "00:15:65", polycom: "00:04:F2", snom: "00:04:13", cisco: "00:1B:54" };

const refused = (status, message, errors = []) => Object.assign(new Error(message), { status, errors });
const hex = (n) => n.toString(16).toUpperCase().padStart(2, "0");
const at = (seconds) => new Date(Date.now() - seconds * 1000).toISOString().replace(/\.\d+Z/, "Z");

export function office({ phones: count, empty, still }) {
  const the = { onEvent: () => undefined };
  const locations = empty ? [] : [
    { name: "front-desk", label: "Front desk", emergency_number: "+12025550111", address: "100 Example Avenue NW, Washington, DC 20001, US; Main building, floor 1, lobby", networks: ["10.20.1.0/24"], phones: 0, variables: {}, templates: {}, house_number: "100", street: "Example Avenue NW", city: "Washington", state: "DC", postal_code: "20001", country: "US", building: "Main", floor: "1", room: "Lobby" },
    { name: "open-plan", label: "Open plan", emergency_number: "+12025550122", address: "100 Example Avenue NW, Washington, DC 20001, US; Main building, floor 2", networks: ["10.20.2.0/24", "fd00:20:2::/64"], phones: 0, variables: {}, templates: {} },
    { name: "workshop", label: "Workshop & stores", emergency_number: "+12025550133", address: "7 Sample Street NW, Washington, DC 20001, US; Annex, ground floor, room 12", networks: ["10.20.3.0/24"], phones: 0, variables: {}, templates: {} },
    { name: "harbour", label: "Harbour office", emergency_number: "+12025550144", address: "", networks: [], phones: 0, variables: {}, templates: {} },
  ];
  const users = empty ? [] : Array.from({ length: Math.max(20, Math.floor(count / 2)) }, (_, n) => ({
    extension: String(2001 + n), name: NAMES[n % NAMES.length], main_phone: n % 7 === 6 ? "hot-desking" : n % 19 === 18 ? "none" : "desk-phone", phones: [], pin: n % 9 === 8 ? "not set" : "set",
  }));
  const phones = [];
  const desks = new Map();
  for (let n = 0; !empty && n < count; ++n) {
    const [vendor, model] = MODELS[n % MODELS.length];
    const mac = `${OUI[vendor]}:${hex((n >> 16) & 255)}:${hex((n >> 8) & 255)}:${hex(n & 255)}`;
    const role = n % 3 === 2 ? "hot-desk" : n % 11 === 10 ? "unassigned" : "desk";
    const phone = { mac, vendor, model, role, location: role === "unassigned" ? "" : locations[(n >> 1) % 3].name, assigned_to: "", token: n % 13 === 12 ? "waiting for first contact" : "issued", last_seen: n % 17 === 16 ? "never" : `${1 + (n % 50)}m ago`, last_source: `10.20.${1 + (n % 3)}.${10 + (n % 200)}`, last_file: `${mac.replaceAll(":", "").toLowerCase()}.cfg`, files: 3 };
    if (role === "desk") {
      const user = users.find((one) => one.main_phone === "desk-phone" && one.phones.length === 0) ?? users[n % users.length];
      user.phones.push(mac);
      phone.assigned_to = `${user.extension} (${user.name})` + (user.phones.length > 1 ? `, additional phone ${user.phones.length - 1}` : "");
    }
    if (role === "hot-desk") desks.set(mac, { extension: "", since: "", state: "idle" });
    phones.push(phone);
  }
  for (const user of users) if (user.main_phone === "desk-phone" && user.phones.length === 0) user.main_phone = "none";
  const sitters = users.filter((user) => user.main_phone === "hot-desking");
  [...desks.values()].forEach((desk, n) => {
    if (n % 2 === 0 && sitters[n / 2]) Object.assign(desk, { extension: sitters[n / 2].extension, state: "logged in", since: at(600 + n * 900) });
    else if (n % 9 === 7) Object.assign(desk, { state: "not back", since: at(95) });
  });
  const conversions = empty ? [] : [
    conversion(1, "over", Array.from({ length: 18 }, (_, n) => (n === 17 ? "not back" : "back")), "open-plan", 86400),
    conversion(2, "running", Array.from({ length: 64 }, (_, n) => (n < 31 ? "back" : n < 39 ? "away" : n === 39 ? "not back" : "waiting")), "", 240),
  ];
  function conversion(number, state, steps, location, began) {
    const list = steps.map((step, n) => ({ phone: `00:0F:D3:AA:${hex(number)}:${hex(n)}`, step, extension: String(2100 + n), started: step === "waiting" ? "" : at(began - n), ended: step === "back" ? at(began - n - 40) : "", seconds: step === "back" ? 31 + (n * 7) % 40 : null, forgiven: n % 4 === 1 ? 2 : 0, old_password_tries: n % 8 === 1 ? 2 : 0, note: step === "not back" ? "past its deadline; only the old account is refused now" : "" }));
    const of = (step) => list.filter((one) => one.step === step).length;
    return { number, location, at_once: number === 2 ? 8 : 0, state, opened: at(began), ended: state === "over" ? at(began - 300) : "", phones: list.length, waiting: of("waiting"), away: of("away"), back: of("back"), not_back: of("not back"), undone: 0, refused: 0, forgiven: list.reduce((sum, one) => sum + one.forgiven, 0), old_password_tries: list.reduce((sum, one) => sum + one.old_password_tries, 0), list };
  }
  let blocks = empty ? [] : [
    { source: "198.51.100.7", service: "sip", account: "", since: at(420), until: at(-3180), reason: "12 failed SIP logins within 10 minutes for 9 unknown accounts (limit: 10).", by_administrator: false },
    { source: "203.0.113.0/24", service: "provisioning", account: "", since: at(8000), until: "removed", reason: "Sweeps MAC addresses; told by the provider.", by_administrator: true },
    { source: "192.0.2.80", service: "sip", account: "2014", since: at(60), until: at(-540), reason: "10 failed SIP logins within 10 minutes with account 2014 behind an address that healthy phones share.", by_administrator: false },
    { source: "2001:db8:77::/64", service: "portal", account: "", since: at(200), until: at(-700), reason: "5 wrong portal passwords within 10 minutes (limit: 5).", by_administrator: false },
  ];
  let leases = empty ? [] : [...desks].filter(([, desk]) => desk.state === "not back").map(([mac]) => ({ mac, state: "in force", accounts: ["2009"], opened: at(95), deadline: at(-1700), budget: 60, spent: 4, old_password_tries: 2, reason: "conversion 2", addresses: ["10.20.2.31"] }));
  if (!empty) leases.push({ mac: "00:0F:D3:AA:01:11", state: "past its deadline", accounts: ["2117"], opened: at(86400), deadline: at(82800), budget: 60, spent: 12, old_password_tries: 0, reason: "conversion 1", addresses: [] });
  const bindings = phones.slice(0, 400).map((phone, n) => ({ address: phone.last_source, conflict: n === 5, fit: n % 4 !== 3, holders: [{ mac: phone.mac, learned_by: n % 2 ? "ARP" : "DHCP", first: at(90000), last: at(n), interface: "eth0", vlan: n % 2 ? 20 : 0, foreign_frame: false, vendor_class: "", relay: "" }, ...(n === 5 ? [{ mac: "02:00:00:00:00:66", learned_by: "ARP", first: at(300), last: at(20), interface: "eth0", vlan: 20, foreign_frame: true, vendor_class: "", relay: "" }] : [])] }));
  const audit = empty ? [] : [
    { id: 3, time: at(240), who: "ada", role: "administrator", action: "convert", about: "64 phones", before: null, after: { at_once: 8 } },
    { id: 2, time: at(4000), who: "root", role: "shell", action: "location.set", about: "workshop", before: { label: "Workshop", emergency_number: "+12025550133" }, after: { label: "Workshop & stores", emergency_number: "+12025550133" } },
    { id: 1, time: at(9000), who: "hd", role: "helpdesk", action: "blocks.remove", about: "198.51.100.9", before: { service: "sip" }, after: null },
  ];
  const administrators = [{ name: "ada", role: "administrator", made: at(3000000) }, { name: "helpdesk", role: "helpdesk", made: at(700000) }, { name: "viewer", role: "viewer", made: at(90000) }];
  const tokens = empty ? [] : [{ id: "t1", label: "crowdsec", role: "helpdesk", made: at(86400), expires: at(-86400 * 40) }];
  const events = [];
  let number = 0;
  const happen = (kind, text, more = {}, ago = 0) => {
    const event = { number: ++number, time: at(ago), kind, text, ...more };
    events.push(event);
    if (events.length > 3000) events.shift();
    if (ago === 0) the.onEvent(event);
    return event;
  };
  if (!empty) {
    for (let n = 40; n > 0; --n) {
      const phone = phones[n % phones.length];
      if (n % 9 === 0) happen("failure", `Wrong SIP password for account 40${n} from 198.51.100.7.`, { source: "198.51.100.7", extension: `40${n}` }, n * 20);
      else if (n % 13 === 0) happen("change", "Location workshop changed.", { by: "ada" }, n * 20);
      else happen("served", `${phone.mac} got ${phone.last_file} over HTTPS.`, { phone: phone.mac, source: phone.last_source }, n * 20);
    }
    if (!still) setInterval(() => {
      const phone = phones[Math.floor(Math.random() * phones.length)];
      happen("served", `${phone.mac} got ${phone.last_file} over TFTP.`, { phone: phone.mac, source: phone.last_source });
    }, 1500).unref();
  }
  const wave = (base, swing, phase) => Array.from({ length: 300 }, (_, n) => {
    const time = Math.floor(Date.now() / 2000) * 2 - (299 - n) * 2;
    const storm = n > 150 && n < 250 ? Math.sin(((n - 150) / 100) * Math.PI) : 0;
    return [time, empty ? 0 : Math.max(0, Math.round((base + swing * storm + swing * 0.08 * Math.sin(n / 5 + phase)) * 10) / 10)];
  });

  const page = (rows, query) => {
    const limit = Math.min(1000, Number(query.get("limit") ?? 100));
    const from = Number(query.get("after") ?? 0);
    return { items: rows.slice(from, from + limit), total: rows.length, next: from + limit < rows.length ? String(from + limit) : null };
  };
  const find = (rows, key, value, what) => rows.find((row) => String(row[key]) === value) ?? (() => { throw refused(404, `there is no ${what} ${value}`); })();
  const deskRow = (phone) => {
    const desk = desks.get(phone.mac);
    const user = users.find((one) => one.extension === desk.extension);
    return { phone: phone.mac, model: phone.model, location: phone.location, label: locations.find((one) => one.name === phone.location)?.label ?? "", state: desk.state, extension: desk.extension, user: user?.name ?? "", since: desk.since };
  };
  const counted = () => locations.map((one) => ({ ...one, phones: phones.filter((phone) => phone.location === one.name).length }));
  const done = (message, more = {}) => {
    happen("change", message, { by: "you" });
    return { data: { message, ...more } };
  };
  const unassign = (mac) => {
    const phone = find(phones, "mac", mac, "phone");
    for (const user of users) {
      if (!user.phones.includes(mac)) continue;
      user.phones = user.phones.filter((one) => one !== mac);
      if (user.main_phone === "desk-phone" && user.phones.length === 0) user.main_phone = "none";
    }
    Object.assign(phone, { assigned_to: "", role: "unassigned" });
    leases.push({ mac, state: "in force", accounts: [], opened: at(0), deadline: at(-1800), budget: 60, spent: 0, old_password_tries: 0, reason: "its assignment was removed", addresses: [] });
    return phone;
  };
  const assign = (mac, extension) => {
    const phone = find(phones, "mac", mac, "phone");
    const user = find(users, "extension", extension, "user");
    user.phones.push(mac);
    if (user.phones.length === 1 && user.main_phone === "none") user.main_phone = "desk-phone";
    Object.assign(phone, { role: "desk", assigned_to: `${extension} (${user.name})${user.phones.length > 1 ? `, additional phone ${user.phones.length - 1}` : ""}` });
  };

  const lists = { "/locations": counted, "/users": () => users.map((user) => ({ ...user, main_extension: user.main_phone === "hot-desking" ? "Hot Desking" : (user.phones[0] ?? "Not Assigned") })), "/phones": () => phones, "/desks": () => phones.filter((one) => desks.has(one.mac)).map(deskRow), "/desk-apps": deskApps, "/conversions": () => conversions.map(({ list: _, ...row }) => row), "/blocks": () => blocks, "/leases": () => leases, "/bindings": () => bindings, "/audit": () => audit, "/administrators": () => administrators, "/tokens": () => tokens, "/misplaced": () => (empty ? [] : [{ phone: "00:15:65:00:00:02", location: "workshop", address: "10.20.1.12", since: at(3700) }]) };

  const pushed = [];
  function deskApps() {
    return phones.filter((one) => desks.has(one.mac) && /^D[4-7]\d$/.test(one.model)).map((one, n) => {
      const has = n % 5 !== 3 || pushed.includes(one.mac);
      return { phone: one.mac, model: one.model, location: one.location, address: one.last_source, version: "7d41c09e", installed: has ? "7d41c09e" : "", state: has ? "installed" : "waits until it fetches its configuration" };
    });
  }
  const versions = new Map();
  the.answer = (method, path, query, body, session, headers) => {
    const [, head, id, part] = path.split("/").map(decodeURIComponent);
    if (method !== "GET") {
      const rank = { viewer: 0, helpdesk: 1, administrator: 2 }[session.role];
      const helps = /^\/(blocks|desks|desk-apps\/push|conversions|phone-restarts)|reboot/.test(path);
      if (rank < (helps ? 1 : 2)) throw refused(403, helps ? "a helpdesk or an administrator may do that" : "only an administrator may do that");
    }
    if (method === "GET" && lists[path]) return { data: page(lists[path](), query) };
    switch (`${method} ${head}`) {
      case "GET overview":
        return { data: { attention: empty ? [] : [
          { kind: "not-back", text: "1 phone is not back from conversion 2 since 4 minutes.", link: "/conversions/2" },
          { kind: "block", text: "198.51.100.7 is refused for SIP: 12 failed logins for 9 unknown accounts.", link: "/security/blocks" },
          { kind: "misplaced", text: "00:15:65:00:00:02 of Workshop & stores was seen at 10.20.1.12, which is no network of that location.", link: "/phones/00:15:65:00:00:02" },
          { kind: "stale-phone", text: "3 phones still use a previous password.", link: "/security/events" },
        ], phones: { total: phones.length, desk: phones.filter((one) => one.role === "desk").length, hot_desk: desks.size, logged_in: [...desks.values()].filter((one) => one.extension).length, booting: empty ? 0 : 12 }, blocks: blocks.length,
        series: [["tftp requests", 2, 900, 0], ["https requests", 6, 420, 2], ["http requests", 1, 30, 1], ["tftp bytes", 2e4, 8e7, 0], ["https bytes", 9e4, 3e7, 1], ["phones booting", 1, 240, 0], ["failures", 0.2, 9, 3], ["blocks", blocks.length, 1, 2]].map(([name, base, swing, phase]) => ({ name, points: wave(base, swing, phase) })) } };
      case "GET status":
        return { data: { pid: 4711, healthy: true, listeners: [], sections: [
          { title: "stormdoord 0.1.0", rows: [["health", "good"], ["up since", at(90000)], ["workers", "2"]] },
          { title: "Listening", rows: [["tftp", "0.0.0.0:69"], ["https", "0.0.0.0:443"], ["portal", "0.0.0.0:8443"]] },
          { title: "Registry", rows: [["phones", String(phones.length)], ["users", String(users.length)], ["locations", String(locations.length)]] },
          { title: "Enforcement", rows: [["enforce", "kernel"], ["stormdoor-enforce", "enforces"], ["in the kernel", "4 sources, 31 registered flows"], ["difference", "0 missing, 0 foreign at the last look (0 and 0 ever)"]] },
          { title: "Certificates", rows: [["ECDSA", "CN=stormdoor.example, until 2027-02-01T00:00:00Z"], ["RSA", "CN=stormdoor.example, until 2027-02-01T00:00:00Z"]] },
          { title: "Watch", rows: [["stormdoor-watch", "not running"]] },
        ], limits: ["Promise 9: calls are not seen, so a session that ends at an hour ends whether or not somebody speaks at that phone."] } };
      case "GET events": return { data: page([...events].reverse(), query) };
      case "GET why": return { data: { lines: why(query.get("about")) } };
      case "GET emergency": {
        const user = users.find((one) => one.extension === query.get("of"));
        return { data: (user?.phones ?? []).map((mac) => { const phone = phones.find((one) => one.mac === mac); const place = locations.find((one) => one.name === phone?.location); return { phone: mac, location: phone?.location ?? "", label: place?.label ?? "", number: place?.emergency_number ?? "", address: place?.address ?? "", missing: place ? "" : "the phone has no location" }; }) };
      }
      case "GET acl": return { data: { file: "/etc/stormdoor/stormdoor.toml", toml: '# Who may ask for what, and who is refused when.\n\n[[network]]\nname = "Head office phones"\nprefixes = ["10.20.0.0/16", "fd00:20::/48"]\nservices = ["provisioning", "desk-login", "sip"]\nidentity = "token"\nnever_block = false\n\n[[limit]]\nservice = "sip"\nfailures = 10\nwithin = "10m"\nblock_for = "1h"\nrepeat = { factor = 2, max = "7d" }\n' } };
      case "POST acl": {
        const wrong = body.toml.split("\n").findIndex((line) => /failure\s*=|oops/.test(line));
        if (id === "check") return { data: { valid: wrong < 0, errors: wrong < 0 ? [] : [{ line: wrong + 1, column: 1, key: "limit[0].failure", message: "unknown key; did you mean failures?" }], warnings: [], expectations: 2 } };
        if (wrong >= 0) throw refused(422, `rules:${wrong + 1}:1: limit[0].failure: unknown key; did you mean failures?`);
        return { data: { from: at(2592000), until: at(0), events: 41233, failures: 512, actual: 9, simulated: 7, same: 6, appeared_count: 1, vanished_count: 3, appeared: [{ source: "192.0.2.99", service: "sip", account: "", since: at(90000), until: at(80000), reason: "8 failed SIP logins within 10 minutes (limit: 8).", phones: ["00:0F:D3:00:00:06"], accounts: ["2007"], failures: 8, successes: 14 }], vanished: [1, 2, 3].map((n) => ({ source: `198.51.100.${n}`, service: "sip", account: "", since: at(90000 * n), until: at(80000 * n), reason: "10 failed SIP logins within 10 minutes (limit: 10).", phones: [], accounts: ["400", "401"], failures: 12, successes: 0 })) } };
      }
      case "GET phones": {
        const phone = find(phones, "mac", id, "phone");
        if (part === "why") return { data: { lines: why(id) } };
        if (part === "rendered") return { data: { mac: id, kind: phone.role === "hot-desk" ? "idle hot desk" : "desk phone", files: [{ name: `${phone.vendor} configuration, ${phone.role}`, template: "phone.cfg, from vendor", text: `<?xml version="1.0"?>\n<config>\n  <display label="Open plan"/>\n  <account extension="${phone.assigned_to.slice(0, 4)}" secret="****"/>\n</config>\n` }], values: [{ name: "display.label", value: "Open plan", layer: "location" }, { name: "emergency.number", value: "+12025550122", layer: "location" }, { name: "sip.server", value: "pbx.example", layer: "global" }, { name: "sip.secret", value: "****", layer: "phone" }, { name: "time.zone", value: "America/New_York", layer: "vendor" }] } };
        const place = locations.find((one) => one.name === phone.location);
        return { data: { ...phone, account: phone.assigned_to.slice(0, 4), emergency: place?.emergency_number ?? "", variables: {}, templates: {} }, etag: '"1"' };
      }
      case "GET desks": {
        find(phones, "mac", id, "phone");
        const square = "M0 0h7v7h-7zM14 0h7v7h-7zM0 14h7v7h-7zM9 9h3v3h-3z";
        return { data: { phone: id, url: `https://prov.example.com/d/${id.replaceAll(":", "").toLowerCase()}/98a4b0f4d6b70b4798a4b0f4d6b70b47/m/`, svg: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 29 29"><rect x="-4" y="-4" width="29" height="29" fill="#fff"/><path d="${square}"/></svg>` } };
      }
      case "GET locations": return { data: find(counted(), "name", id, "location"), etag: `"${versions.get(id) ?? 0}"` };
      case "GET conversions": {
        const one = find(conversions, "number", id, "conversion");
        if (one.state === "running" && !still) {
          const away = one.list.find((phone) => phone.step === "away");
          const next = one.list.find((phone) => phone.step === "waiting");
          if (away && Math.random() < 0.5) Object.assign(away, { step: "back", seconds: 44, ended: at(0) }), one.back++, one.away--;
          if (next && one.away < 8) Object.assign(next, { step: "away", started: at(0) }), one.away++, one.waiting--;
        }
        return { data: one };
      }
      case "POST phones": {
        if (part === "reboot") return done(`${id} was told to restart.`);
        const errors = [];
        body.phones.forEach((row, n) => {
          if (phones.some((phone) => phone.mac === row.mac)) errors.push({ field: "mac", row: n + 1, detail: `${row.mac} is registered already` });
          if (row.mac.endsWith("EE:EE")) errors.push({ field: "model", row: n + 1, detail: "this vendor has no such model" });
        });
        if (errors.length) throw refused(422, "nothing was added", errors);
        for (const row of body.phones) {
          phones.push({ mac: row.mac, vendor: row.vendor ?? "sangoma", model: row.model ?? "", role: row.hot_desk ? "hot-desk" : "unassigned", location: row.location ?? "", assigned_to: "", token: "waiting for first contact", last_seen: "never" });
          if (row.hot_desk) desks.set(row.mac, { extension: "", since: "", state: "idle" });
          else if (row.extension) assign(row.mac, row.extension);
        }
        return done(`${body.phones.length} phones added.`);
      }
      case "PATCH phones": Object.assign(find(phones, "mac", id, "phone"), body.approve ? { token: "first contact approved" } : body); return done(`Phone ${id} changed.`);
      case "PUT phones": assign(id, body.extension); return done(`Phone ${id} now belongs to ${body.extension}.`);
      case "DELETE phones":
        unassign(id);
        if (part === "assignment") return done(`Phone ${id} is nobody's now.`);
        phones.splice(phones.findIndex((one) => one.mac === id), 1);
        desks.delete(id);
        return done("1 phone removed.");
      case "POST phone-removals": {
        const kept = body.macs.find((mac) => find(phones, "mac", mac, "phone").assigned_to !== "");
        if (kept) throw refused(409, `${kept} belongs to a user; remove that assignment first`);
        for (const mac of body.macs) {
          phones.splice(phones.findIndex((one) => one.mac === mac), 1);
          desks.delete(mac);
        }
        return done(`${body.macs.length} phones removed.`);
      }
      case "POST phone-restarts": {
        const items = body.macs.map((mac, n) => ({ mac, restart: n % 3 === 2 ? "restart by hand: it is not known where it is registered" : "told 0ms ago, not back" }));
        for (const { mac, restart } of items) find(phones, "mac", mac, "phone").restart = restart;
        return done(`${items.length} phones.`, { items });
      }
      case "POST desk-apps":
        if (part === "password") return { data: { phone: id, password: "271828182845" } };
        pushed.push(...body.macs);
        return done(`${body.macs.length} of ${body.macs.length} phones will be sent their app.`);
      case "POST desks": {
        if (id === "logout") {
          for (const [mac, desk] of desks) {
            const phone = phones.find((one) => one.mac === mac);
            if (body.all || body.what === mac || (body.what && body.what === desk.extension) || body.location === phone.location) if (desk.extension) Object.assign(desk, { extension: "", state: "idle", since: "" });
          }
          return done("Logged out.");
        }
        for (const desk of desks.values()) if (desk.extension === body.extension) Object.assign(desk, { extension: "", state: "idle", since: "" });
        Object.assign(desks.get(id), { extension: body.extension, state: "logged in", since: at(0) });
        return done(`${body.extension} is logged in at ${id}.`);
      }
      case "POST users":
        if (!/^\d+$/.test(body.extension)) throw refused(422, "the user was not added", [{ field: "extension", detail: `"${body.extension}" is no extension; expected digits` }]);
        users.push({ extension: body.extension, name: body.name, main_phone: body.main_phone, phones: [], pin: body.pin ? "set" : "not set" });
        return done(`User ${body.extension} added.`);
      case "PATCH users": Object.assign(find(users, "extension", id, "user"), body.pin ? { ...body, pin: "set" } : body); return done(`User ${id} changed.`);
      case "DELETE users": {
        const user = find(users, "extension", id, "user");
        if (user.phones.length) throw refused(409, `${id} has the phone ${user.phones[0]}; remove that assignment first`);
        users.splice(users.indexOf(user), 1);
        return done(`User ${id} removed.`);
      }
      case "POST locations":
        if (!/^\+\d+$/.test(body.emergency_number ?? "")) throw refused(422, "the location was not added", [{ field: "emergency_number", detail: `"${body.emergency_number ?? ""}" is no telephone number in E.164; expected something like +12025550123` }]);
        locations.push({ name: body.name, label: body.label ?? "", emergency_number: body.emergency_number, address: [body.house_number, body.street, body.city].filter(Boolean).join(" "), networks: body.networks ?? [], variables: {}, templates: {}, ...body });
        return done(`Location ${body.name} added.`);
      case "PATCH locations":
        if (headers["if-match"] && headers["if-match"] !== `"${versions.get(id) ?? 0}"`) throw refused(412, "somebody else changed it");
        versions.set(id, (versions.get(id) ?? 0) + 1);
        Object.assign(find(locations, "name", id, "location"), body); return done(`Location ${id} changed.`);
      case "DELETE locations":
        if (phones.some((phone) => phone.location === id && phone.role === "hot-desk")) throw refused(409, `hot-desk phones stand at ${id}; move them first`);
        locations.splice(locations.findIndex((one) => one.name === id), 1);
        return done(`Location ${id} removed.`);
      case "POST conversions": {
        if (id) { const one = find(conversions, "number", id, "conversion"); one.state = part === "pause" ? "paused" : part === "resume" ? "running" : one.state; if (part === "undo") { one.undone = one.waiting; one.waiting = 0; one.list.forEach((phone) => { if (phone.step === "waiting") phone.step = "undone"; }); } return done(`Conversion ${id} ${part}.`); }
        const made = conversion(conversions.length + 1, "running", body.macs.map(() => "away"), body.location ?? "", 1);
        made.list.forEach((row, n) => { const phone = phones.find((one) => one.mac === body.macs[n]); row.phone = body.macs[n]; row.extension = phone.assigned_to.slice(0, 4); const user = users.find((one) => one.extension === row.extension); unassign(phone.mac); if (user) user.main_phone = "hot-desking"; Object.assign(phone, { role: "hot-desk", location: body.location || phone.location }); desks.set(phone.mac, { extension: "", since: at(0), state: "not back" }); });
        conversions.push(made);
        return done(`Conversion ${made.number}: ${body.macs.length} phones are now hot-desk phones.`, { number: made.number });
      }
      case "DELETE blocks": blocks = blocks.filter((one) => one.source !== query.get("source")); return done(`${query.get("source")} is let in again.`);
      case "POST blocks":
        if (!/^[\d.:a-f/]+$/.test(body.source)) throw refused(422, "nobody is refused", [{ field: "source", detail: `"${body.source}" is no address` }]);
        blocks.push({ source: body.source, service: body.service ?? "sip", account: "", since: at(0), until: "removed", reason: body.reason || "an administrator's decision", by_administrator: true });
        return done(`${body.source} is refused until removed.`);
      case "POST leases": leases.push({ mac: body.mac, state: "in force", accounts: [], opened: at(0), deadline: at(-1800), budget: 60, spent: 0, old_password_tries: 0, reason: "an administrator opened it", addresses: [] }); return done(`${body.mac} is excused.`);
      case "DELETE leases": leases = leases.filter((one) => one.mac !== id); return done(`${id} is no longer excused.`);
      case "POST administrators": if ((body.password ?? "").length < 12) throw refused(422, "nobody was added", [{ field: "password", detail: "a password has at least 12 characters" }]); administrators.push({ name: body.name, role: body.role, made: at(0) }); return done(`${body.name} may sign in now.`);
      case "PUT administrators": return done(`${id} has a new password.`);
      case "DELETE administrators": administrators.splice(administrators.findIndex((one) => one.name === id), 1); return done(`${id} is removed.`);
      case "POST tokens": tokens.push({ id: `t${tokens.length + 2}`, label: body.label, role: body.role, made: at(0), expires: at(-86400 * 90) }); return done("Token made.", { token: "sdt_4f1c2b7a90ce43d18e5512" });
      case "DELETE tokens": tokens.splice(tokens.findIndex((one) => one.id === id), 1); return done("Token revoked.");
      case "POST imports": return done(`${String(body).trim().split("\n").length - 1} rows added.`);
      default: throw refused(404, "there is nothing here");
    }
  };
  function why(about) {
    const phone = phones.find((one) => one.mac === about);
    if (phone) return [`${about} was last here ${phone.last_seen}, from ${phone.last_source}, for ${phone.last_file}.`, `${phone.last_source} is not blocked.`, "What the journal tells, newest first:", `  ${at(300)}  it got ${phone.last_file} over HTTPS, with its token`, `  ${at(320)}  it restarted after its assignment changed`, `  ${at(4000)}  2 SIP logins with its previous password were excused`];
    return [`${about} is refused for SIP until ${at(-3180)}: 12 failed logins within 10 minutes (limit: 10).`, "It matches the network \"Everybody else\" (0.0.0.0/0).", "What the journal tells, newest first:", ...Array.from({ length: 9 }, (_, n) => `  ${at(420 + n * 11)}  wrong SIP password for the unknown account 40${n}`)];
  }
  return the;
}
