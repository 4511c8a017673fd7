/*
 * Runs an app of a Digium phone under Node.js, in a stand-in of the phone's documented objects.
 *
 *   node digium_app.js ARCHIVE CONFIGURATION [--connect HOST:PORT=ADDRESS:PORT]
 *
 * ARCHIVE is what the phone was given, CONFIGURATION the phone's own XML. What a person does comes
 * line by line on standard input: open | type SETTING TEXT | submit | submit twice | confirm | cancel
 * | back | leave | config FILE. After each, once nothing is on its way, a line of JSON tells what is
 * to be seen: {idle: [text], foreground, screen}, and at the end one with all requests. An app that
 * touches what the vendor's pages do not name, or is no ECMAScript 5, ends the run with status 1.
 */
'use strict';
const fs = require('fs');
const http = require('http');
const https = require('https');
const readline = require('readline');
const vm = require('vm');

const [archive, configuration, , connect] = process.argv.slice(2);

function fail(what) {
    process.stderr.write(`${what}\n`);
    process.exit(1);
}

// ---- The phone's side of files ----

// A ZIP of stored files, by its directory.
function unzip(bytes) {
    const files = {};
    let at = bytes.readUInt32LE(bytes.length - 22 + 16);
    for (let left = bytes.readUInt16LE(bytes.length - 22 + 10); left > 0; left -= 1) {
        if (bytes.readUInt16LE(at + 10) !== 0) fail('only stored files are read here');
        const size = bytes.readUInt32LE(at + 24);
        const nameLength = bytes.readUInt16LE(at + 28);
        const local = bytes.readUInt32LE(at + 42);
        const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
        const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
        files[name] = bytes.toString('utf8', start, start + size);
        at += 46 + nameLength;
    }
    return files;
}

function decoded(text) {
    return text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"')
        .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code))
        .replace(/&#x([0-9a-f]+);/gi, (_, code) => String.fromCharCode(parseInt(code, 16)))
        .replace(/&apos;/g, "'").replace(/&amp;/g, '&');
}

function settingsIn(file, app) {
    const xml = fs.readFileSync(file, 'utf8');
    const block = new RegExp(`<appconfig id="${app}">([\\s\\S]*?)</appconfig>`).exec(xml);
    const settings = {};
    for (const [, id, value] of (block ? block[1] : '').matchAll(/<setting id="(\w+)" value="([^"]*)"\/>/g))
        settings[id] = decoded(value);
    return settings;
}

// What V8 3.2 would not take, looked for beside comments and strings.
function checkLanguage(name, source) {
    const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, '""');
    const modern = /\b(let|const|class|async|await|yield|import|export)\b|=>|`|\.\.\./.exec(code);
    if (modern) fail(`${name}: "${modern[0]}" is no ECMAScript 5`);
}

// ---- Objects that know nothing but what is documented ----

function strict(name, object) {
    return new Proxy(object, {
        get(target, key) {
            if (typeof key === 'string' && !(key in target)) throw new Error(`${name}.${key} is not documented`);
            const value = target[key];
            return typeof value === 'function' ? value.bind(target) : value;
        },
        set(target, key, value) {
            if (!(key in target)) throw new Error(`${name}.${String(key)} is not documented`);
            target[key] = value;
            return true;
        }
    });
}

function onlyThese(name, given, known) {
    for (const key of Object.keys(given))
        if (!known.includes(key)) throw new Error(`${name} knows no "${key}"`);
    return given;
}

const requests = [];
let pending = 0;
let whenQuiet = null;
let screen = null;      // what is in the foreground: {kind, ...}
let handlers = {};      // of that
let typed = {};
const observers = {};

function emit(eventName) {
    for (const callback of observers[eventName] || []) callback({eventName, eventData: {}});
}

function toBackground() {
    if (!digium.app.inForeground) return;
    digium.app.inForeground = false;
    screen = null;
    emit('digium.app.background');
    emit('digium.app.idle_screen_show');
}

class Text {
    constructor(x, y, w, h, label) {
        if (![x, y, w, h].every(Number.isFinite)) throw new Error('Text wants x, y, w and h');
        this.label = label === undefined ? '' : String(label);
    }
    align(how) {
        if (how !== Widget.CENTER) throw new Error('Widget knows LEFT, CENTER and RIGHT');
    }
}
Text.LINE_HEIGHT = 20;
const Widget = strict('Widget', {LEFT: 'left', CENTER: 'center', RIGHT: 'right'});

const idle = [];
const digium = strict('digium', {
    phoneModel: 'D65',
    background: toBackground,
    resetIdleTimer() {},
    event: strict('digium.event', {
        observe(given) {
            onlyThese('digium.event.observe', given, ['eventName', 'callback']);
            (observers[given.eventName] = observers[given.eventName] || []).push(given.callback);
        }
    }),
    app: strict('digium.app', {
        exitAfterBackground: true,
        inForeground: false,
        idleWindow: strict('digium.app.idleWindow', {
            w: 200, h: 60, hideTopBar: false, hideBottomBar: false,
            add(widget) { idle.push(widget); },
            clear() { idle.length = 0; }
        })
    })
});

const genericForm = strict('genericForm', {
    show(given) {
        onlyThese('genericForm.show', given, ['id', 'title', 'labelWidth', 'inputs', 'values', 'object',
            'onkeycancel', 'forceRedraw']);
        onlyThese('genericForm.show.object', given.object, ['processSubmit', 'processBack']);
        for (const input of given.inputs)
            onlyThese('an input', input, ['text', 'setting', 'inputType', 'validate', 'errorMsg', 'inputParams']);
        typed = {...given.values};
        handlers = given;
        screen = {kind: 'form', title: given.title, labels: given.inputs.map((input) => input.text),
            types: given.inputs.map((input) => input.inputType), values: typed};
    },
    getValue(given) {
        return typed[given.setting];
    }
});

const genericConfirm = strict('genericConfirm', {
    show(given) {
        onlyThese('genericConfirm.show', given, ['id', 'title', 'message', 'object', 'confirmBtnText',
            'cancelBtnText', 'hideCancelButton']);
        handlers = given;
        screen = {kind: 'confirm', title: given.title, message: given.message, confirm: given.confirmBtnText,
            cancel: given.hideCancelButton ? null : given.cancelBtnText};
    }
});

// Like a browser's XMLHttpRequest, but that it answers 500 when time is up.
class PlainNetRequest {
    constructor() {
        this.readyState = 0;
        this.status = 0;
        this.responseText = '';
        this.onreadystatechange = null;
    }
    #headers = {};
    #timeout = 0;
    #method;
    #url;
    open(method, url) {
        this.#method = method;
        this.#url = new URL(url);
    }
    setRequestHeader(name, value) {
        this.#headers[name] = value;
    }
    setTimeout(milliseconds) {
        this.#timeout = milliseconds;
    }
    #finish(status, text) {
        if (this.readyState === 4) return;
        this.readyState = 4;
        this.status = status;
        this.responseText = text;
        pending -= 1;
        if (this.onreadystatechange) this.onreadystatechange();
        if (pending === 0 && whenQuiet) whenQuiet();
    }
    send(body) {
        pending += 1;
        requests.push({method: this.#method, url: this.#url.href, body: body || ''});
        const secure = this.#url.protocol === 'https:';
        const port = this.#url.port || (secure ? '443' : '80');
        let host = this.#url.hostname;
        let to = port;
        if (connect && connect.startsWith(`${host}:${port}=`)) [host, to] = connect.split('=')[1].split(':');
        const request = (secure ? https : http).request({
            host, port: to, path: this.#url.pathname + this.#url.search, method: this.#method,
            rejectUnauthorized: false, servername: this.#url.hostname,
            headers: {...this.#headers, Host: this.#url.host, 'Content-Length': Buffer.byteLength(body || '')}
        }, (response) => {
            const parts = [];
            response.on('data', (part) => parts.push(part));
            response.on('end', () => this.#finish(response.statusCode, Buffer.concat(parts).toString('utf8')));
        });
        if (this.#timeout) request.setTimeout(this.#timeout, () => {
            this.#finish(500, '');
            request.destroy();
        });
        request.on('error', () => this.#finish(0, ''));
        request.end(body || undefined);
    }
}
class NetRequest {
    constructor() {
        return strict('NetRequest', new PlainNetRequest());
    }
}

// ---- The app ----

const files = unzip(fs.readFileSync(archive));
const description = JSON.parse(files['app.json']);
let settings = settingsIn(configuration, description.name);
const libraries = {
    app: strict('app', {init() {}, getConfig: () => ({settings: {...settings}})}),
    genericForm,
    genericConfirm
};
const phone = vm.createContext({
    digium, Text, Widget, NetRequest,
    require(name) {
        if (!libraries[name]) throw new Error(`there is no library "${name}"`);
        return libraries[name];
    }
});

// ---- The person ----

function submit() {
    const wrong = handlers.inputs.find((input) => !new RegExp(`^(?:${input.validate})$`).test(typed[input.setting]));
    if (wrong) screen.error = wrong.errorMsg;
    else handlers.object.processSubmit({});
}

const deeds = {
    open() {
        digium.app.inForeground = true;
        emit('digium.app.foreground');
    },
    type([setting, text]) {
        if (!(setting in typed)) fail(`the form has no "${setting}"`);
        typed[setting] = text;
    },
    submit([twice]) {
        submit();
        if (twice) submit();
    },
    confirm() { handlers.object.processConfirm({confirm: true}); },
    cancel() { handlers.object.processConfirm({confirm: false}); },
    back() { handlers.object.processBack(); },
    leave() { toBackground(); },
    config([file]) {
        settings = settingsIn(file, description.name);
        emit('digium.phone.new_config');
    }
};

async function main() {
    for (const name of description.jsFiles) {
        checkLanguage(name, files[name]);
        vm.runInContext(files[name], phone, {filename: name});
    }
    for await (const line of readline.createInterface({input: process.stdin})) {
        const [deed, ...words] = line.trim().split(' ');
        if (!deeds[deed]) fail(`nobody can "${deed}"`);
        deeds[deed](words);
        if (pending > 0) await new Promise((resolve) => { whenQuiet = resolve; });
        whenQuiet = null;
        process.stdout.write(`${JSON.stringify({
            idle: idle.map((text) => text.label), foreground: digium.app.inForeground, screen
        })}\n`);
    }
    process.stdout.write(`${JSON.stringify({requests})}\n`);
    process.exit(0);
}

process.on('uncaughtException', (error) => fail(error.stack));
main().catch((error) => fail(error.stack));
