/*
 * Logging in and out at a hot desk, for the Digium phones that run apps (D40 to D70).
 *
 * The idle screen shows where the phone stands and who is logged in; that comes with the phone's
 * configuration, so nothing is asked for it. Opened, the app asks stormdoor for a screen and draws
 * it: a form, a question or a sentence. What may happen next is for stormdoor to say; the app knows
 * only how screens look. A screen is
 *
 *   {title, lines: [text], keys: [{label, url}], form: {url, fields: [{prompt, parameter, hidden}]},
 *    restart, refused}
 *
 * ECMAScript 5 and no more: these phones run V8 3.2.
 */
var app = require('app');
app.init();
var genericConfirm = require('genericConfirm');
var genericForm = require('genericForm');

var TIMEOUT_MS = 10000;
var MOST_HOPS = 3;             // screens that lead straight to another
var MOST_TYPED = 32;           // characters, as many as stormdoor takes
var MOST_PLAIN_TEXT = 200;     // of an answer that is no screen
var NO_ANSWER = 'The server does not answer. Try again in a moment.';
var NO_SCREEN = 'The server answered what this phone does not understand.';
var NO_ADDRESS = 'This phone does not know its desk yet. It does once it has its configuration.';
var MUST_BE_DIGITS = 'Digits only.';
var BEING_SET_UP = 'Your phone is being set up.';

// Answers of an earlier visit mean nothing to a later one, nor does a second press of a key while
// the first is on its way.
var visit = 0;
var waiting = false;

function settings() {
    var config = app.getConfig();
    return (config && config.settings) || {};
}

// ---- The idle screen ----

function drawIdle() {
    var screen = digium.app.idleWindow;
    var known = settings();
    var lines = [known.label || 'Hot desk',
                 known.user ? known.user : 'LOGIN: open "Hot desk" in Applications'];
    var i, text;
    screen.clear();
    for (i = 0; i < lines.length; i += 1) {
        text = new Text(0, i * Text.LINE_HEIGHT, screen.w, Text.LINE_HEIGHT, lines[i]);
        text.align(Widget.CENTER);
        screen.add(text);
    }
}

// ---- Talking to stormdoor ----

function encode(values) {
    var pairs = [];
    var name;
    for (name in values) {
        if (values.hasOwnProperty(name)) {
            pairs.push(encodeURIComponent(name) + '=' + encodeURIComponent(values[name]));
        }
    }
    return pairs.join('&');
}

function sentence(text) {
    return {title: settings().label || 'Hot desk', lines: [text], keys: [], refused: true};
}

function isScreen(found) {
    return found !== null && typeof found === 'object' && found.lines instanceof Array &&
        found.keys instanceof Array;
}

// A screen of whatever came back. Servers between us and stormdoor answer in their own words.
function screenOf(status, text) {
    var found = null;
    try {
        found = JSON.parse(text);
    } catch (e) {
        found = null;
    }
    if (isScreen(found)) {
        return found;
    }
    if (!status || status === 500 || !text) {
        return sentence(NO_ANSWER);
    }
    if (text.length <= MOST_PLAIN_TEXT && text.charAt(0) !== '<') {
        return sentence(text);
    }
    return sentence(NO_SCREEN);
}

// What was typed travels in the body: addresses are written into logs.
function ask(method, url, values, hops) {
    var mine = visit;
    var request;
    if (waiting) {
        return;
    }
    waiting = true;
    request = new NetRequest();
    request.onreadystatechange = function () {
        if (request.readyState !== 4 || mine !== visit) {
            return;
        }
        waiting = false;
        show(screenOf(request.status, request.responseText), hops);
    };
    request.open(method, url, true);
    request.setRequestHeader('Accept', 'application/json');
    if (method === 'POST') {
        request.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded');
    }
    request.setTimeout(TIMEOUT_MS);
    request.send(method === 'POST' ? encode(values) : null);
}

// ---- Screens ----

function leave() {
    digium.background();
}

function showForm(screen) {
    var inputs = [];
    var empty = {};
    var visible = false;
    var i, field;
    for (i = 0; i < screen.form.fields.length; i += 1) {
        field = screen.form.fields[i];
        visible = visible || field.hidden;
        empty[field.parameter] = '';
        inputs.push({
            text: field.prompt,
            setting: field.parameter,
            inputType: 'numeric',
            validate: '[0-9]+',
            errorMsg: field.prompt + ': ' + MUST_BE_DIGITS,
            inputParams: {maxLength: MOST_TYPED}
        });
    }
    genericForm.show({
        id: 'login',
        // The phone has no input that hides what is typed; whoever types should know.
        title: visible ? screen.title + ' (PIN can be seen)' : screen.title,
        labelWidth: digium.phoneModel === 'D70' ? 140 : 125,
        inputs: inputs,
        values: empty,
        object: {
            processSubmit: function () {
                var typed = {};
                var n;
                for (n = 0; n < inputs.length; n += 1) {
                    typed[inputs[n].setting] = genericForm.getValue({setting: inputs[n].setting});
                }
                ask('POST', screen.form.url, typed, 0);
            },
            processBack: leave
        },
        onkeycancel: leave,
        forceRedraw: true
    });
}

// The first key does something, the second leads back, which here is out of the app.
function showQuestion(screen) {
    genericConfirm.show({
        id: 'question',
        title: screen.title,
        message: screen.lines.join('\n'),
        confirmBtnText: screen.keys[0].label,
        cancelBtnText: screen.keys[1].label,
        hideCancelButton: false,
        object: {
            processConfirm: function (params) {
                if (params && params.confirm) {
                    ask('POST', screen.keys[0].url, {}, 0);
                } else {
                    leave();
                }
            }
        }
    });
}

function showSentence(screen) {
    var lines = screen.lines.slice(0);
    if (screen.restart) {
        lines.push(BEING_SET_UP);
    }
    genericConfirm.show({
        id: 'sentence',
        title: screen.title,
        message: lines.join('\n'),
        confirmBtnText: 'OK',
        hideCancelButton: true,
        object: {processConfirm: leave}
    });
}

// A screen with one key and nothing wrong only leads on: to the form, or to the question.
function show(screen, hops) {
    digium.resetIdleTimer();
    if (screen.form) {
        showForm(screen);
    } else if (screen.keys.length === 1 && !screen.refused && hops < MOST_HOPS) {
        ask('GET', screen.keys[0].url, null, hops + 1);
    } else if (screen.keys.length >= 2) {
        showQuestion(screen);
    } else {
        showSentence(screen);
    }
}

function begin() {
    var url = settings().url;
    visit += 1;
    waiting = false;
    if (url) {
        ask('GET', url, null, 0);
    } else {
        show(sentence(NO_ADDRESS), 0);
    }
}

function end() {
    visit += 1;
    waiting = false;
}

// ---- Start ----

digium.app.exitAfterBackground = false;
digium.event.observe({eventName: 'digium.app.foreground', callback: begin});
digium.event.observe({eventName: 'digium.app.background', callback: end});
digium.event.observe({eventName: 'digium.app.idle_screen_show', callback: drawIdle});
digium.event.observe({eventName: 'digium.phone.new_config', callback: drawIdle});
drawIdle();
