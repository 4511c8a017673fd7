// Conversions: all of them, and the board of one that fills as its phones come back.

import { useMemo, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { Download, Pause, Play, Undo2 } from "lucide-preact";
import { at, may, post } from "../api/client";
import { changed, useLabels, useList, useOne } from "../api/lists";
import type { Conversion, ConversionPhone, ConversionRow, Done, PhoneRow, Step } from "../api/types";
import { toCsv } from "../lib/csv";
import { canonicalMac, macMistake } from "../lib/mac";
import { count, matches } from "../lib/text";
import { exact, span } from "../lib/time";
import { ask, FormDialog } from "../ui/dialog";
import { Badge, Card, Empty, Loading, Mac, PageFrame, Problem, When, type Tone } from "../ui/parts";
import { save } from "../ui/save";
import { Table, type Column } from "../ui/table";
import { complain, say } from "../ui/toast";
import { Filter, Tools } from "../ui/tools";
import { ConvertDialog } from "./convert_dialog";

export const STEPS: { step: Step; words: string; tone: Tone; key: keyof ConversionRow }[] = [
  { step: "back", words: "Back", tone: "good", key: "back" },
  { step: "away", words: "Restarting", tone: "info", key: "away" },
  { step: "waiting", words: "Waiting", tone: "quiet", key: "waiting" },
  { step: "not back", words: "Not back", tone: "bad", key: "not_back" },
  { step: "refused", words: "Could not be converted", tone: "bad", key: "refused" },
  { step: "undone", words: "Left as it was", tone: "quiet", key: "undone" },
];

const stateBadge = (row: ConversionRow) =>
  row.state === "running" ? <Badge tone="info">Running</Badge>
  : row.state === "paused" ? <Badge tone="warn">Paused</Badge>
  : row.not_back + row.refused > 0 ? <Badge tone="bad">Over, some are not back</Badge> : <Badge tone="good">Done</Badge>;

export function Bar({ row }: { row: ConversionRow }) {
  const words = STEPS.filter((one) => Number(row[one.key]) > 0).map((one) => `${row[one.key]} ${one.words.toLowerCase()}`).join(", ");
  return (
    <div class="bar" role="img" aria-label={words || "no phones"}>
      {STEPS.map((one) => {
        const part = Number(row[one.key]);
        return part > 0 ? <span key={one.step} class={`step-${one.step.replace(" ", "-")}`} style={{ flexGrow: part }} /> : null;
      })}
    </div>
  );
}

function StartDialog({ onClose }: { onClose: () => void }) {
  const phones = useList<PhoneRow>("/phones");
  const [text, setText] = useState("");
  const [picked, setPicked] = useState<PhoneRow[] | null>(null);
  const words = text.split(/[\s,;]+/).filter((word) => word !== "");
  const known = useMemo(() => new Map(phones.rows.map((phone) => [phone.mac, phone])), [phones.rows]);
  if (picked) return <ConvertDialog phones={picked} onClose={onClose} />;
  return (
    <FormDialog
      title="Start a conversion"
      submit="Next"
      disabled={words.length === 0 || phones.loading}
      onClose={onClose}
      onSubmit={async () => {
        const wrong = words.map((word) => macMistake(word) || (known.has(canonicalMac(word)!) ? "" : `There is no phone ${canonicalMac(word)}.`)).filter(Boolean);
        if (wrong.length > 0) throw new Error(wrong.slice(0, 3).join(" ") + (wrong.length > 3 ? ` And ${wrong.length - 3} more.` : ""));
        setPicked([...new Set(words.map((word) => canonicalMac(word)!))].map((mac) => known.get(mac)!));
      }}
    >
      <label>
        MAC addresses
        <textarea rows={6} class="mono" data-autofocus="" spellcheck={false} value={text} placeholder={"00:0F:D3:05:48:48\n00:0F:D3:05:48:49"} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <p class="small">Or choose phones from the list under <Link href="/setup/phones/desk-phones">Setup › Phones › Desk Phones</Link> and press Convert to hot desking.</p>
    </FormDialog>
  );
}

export function Conversions() {
  const list = useList<ConversionRow>("/conversions");
  const [starting, setStarting] = useState(false);
  const [, go] = useLocation();
  const label = useLabels();
  const rows = useMemo(() => [...list.rows].sort((a, b) => b.number - a.number), [list.rows]);
  const columns: Column<ConversionRow>[] = [
    { title: "No.", cell: (row) => <Link href={`/conversions/${row.number}`}><strong>{row.number}</strong></Link>, sort: (row) => row.number, width: "80px", card: "title" },
    { title: "State", cell: stateBadge, sort: (row) => row.state, width: "200px", card: "badge" },
    { title: "Phones", cell: (row) => <span class="bar-cell"><Bar row={row} /><span>{row.back} of {row.phones} back</span></span>, width: "minmax(220px, 2fr)" },
    { title: "Location", cell: (row) => label(row.location) || <span class="quiet">each its own</span>, sort: (row) => label(row.location), width: "minmax(110px, 1fr)", card: "hide" },
    { title: "Begun", cell: (row) => <When time={row.opened} />, sort: (row) => row.opened, width: "120px" },
    { title: "Forgiven", cell: (row) => row.forgiven, sort: (row) => row.forgiven, width: "100px", end: true, card: "hide" },
  ];
  return (
    <PageFrame
      trail={[]}
      title="Conversions"
      lead="From desk phones to hot desks, without a blocked address and without haste."
      actions={may("helpdesk") && <button type="button" onClick={() => setStarting(true)}>Start a conversion</button>}
    >
      {list.error && <Problem text={list.error} again={list.reload} />}
      {list.loading ? <Loading what="Reading the conversions" /> : (
        <Table
          caption="Conversions" columns={columns} rows={rows} id={(row) => String(row.number)} noun={["conversion", "conversions"]}
          open={(row) => go(`/conversions/${row.number}`)}
          empty={!list.error && (
            <Empty title="No conversion yet" action={may("helpdesk") && <Link href="/setup/phones/desk-phones" class="button">Choose phones</Link>}>
              Choose phones under Desk Phones and press Convert to hot desking. Here you then see each of them go and come back.
            </Empty>
          )}
        />
      )}
      {starting && <StartDialog onClose={() => setStarting(false)} />}
    </PageFrame>
  );
}

function Board({ list, onPick }: { list: ConversionPhone[]; onPick: (step: Step) => void }) {
  return (
    <ul class={`board ${list.length > 150 ? "dense" : ""}`} aria-label="Phones by state">
      {list.slice(0, 6000).map((phone) => (
        <li key={phone.phone}>
          <button
            type="button"
            class={`tile step-${phone.step.replace(" ", "-")}`}
            title={`${phone.phone} ${phone.extension}: ${phone.step}${phone.note ? `. ${phone.note}` : ""}`}
            aria-label={list.length > 150 ? `${phone.phone}: ${phone.step}` : undefined}
            tabIndex={list.length > 150 ? -1 : 0}
            onClick={() => onPick(phone.step)}
          >
            {list.length <= 150 && <><span class="mac">{phone.phone.slice(-8)}</span><span>{phone.extension || "–"}<span class="hidden-words"> {phone.step}</span></span></>}
          </button>
        </li>
      ))}
    </ul>
  );
}

function noteOf(phone: ConversionPhone): string {
  const tried = phone.old_password_tries > 0 ? `tried its old password ${count(phone.old_password_tries, "time", "times")}: forgiven` : "";
  return [phone.note, tried].filter(Boolean).join("; ");
}

function report(conversion: Conversion): void {
  const text = toCsv([
    ["phone", "extension", "step", "started", "ended", "seconds", "forgiven", "old_password_tries", "note"],
    ...conversion.list.map((one) => [one.phone, one.extension, one.step, one.started, one.ended, one.seconds ?? "", one.forgiven, one.old_password_tries, one.note]),
  ]);
  save(`conversion-${conversion.number}.csv`, text);
}

export function ConversionPage({ id }: { id: string }) {
  const one = useOne<Conversion>(at("conversions", id), undefined, 3000);
  const label = useLabels();
  const [busy, setBusy] = useState(false);
  const [search, setSearch] = useState("");
  const [step, setStep] = useState<"" | Step>("");
  const [, go] = useLocation();
  const conversion = one.data;
  const list = conversion?.list ?? [];
  const shown = useMemo(
    () => list.filter((phone) => (step === "" || phone.step === step) && matches(search, [phone.phone, phone.extension, phone.note])),
    [list, search, step],
  );
  if (!conversion)
    return (
      <PageFrame trail={["Conversions"]} title={`Conversion ${id}`}>
        {one.error ? <Problem text={one.error} again={one.reload} /> : <Loading what="Reading the conversion" />}
      </PageFrame>
    );
  const where = label(conversion.location);
  const took = list.map((phone) => phone.seconds).filter((seconds) => seconds !== null).sort((a, b) => a - b);
  const median = took[Math.floor(took.length / 2)];
  const take = async (what: "pause" | "resume") => {
    setBusy(true);
    try {
      const done = await post<Done>(at("conversions", id, what));
      one.reload();
      changed("/conversions", "/phones", "/desks");
      say(done.message ?? "Done.");
    } catch (error) {
      complain(error);
    }
    setBusy(false);
  };
  const askUndo = () =>
    ask({
      title: `Undo conversion ${id}?`,
      action: "Leave them as they are",
      danger: true,
      body: <p>{count(conversion.waiting, "phone that waits for a turn stays what it is", "phones that wait for a turn stay what they are")}. Phones that were converted already stay hot desks.</p>,
      run: async () => {
        const done = await post<Done>(at("conversions", id, "undo"));
        one.reload();
        changed("/conversions", "/phones");
        say(done.message ?? "Undone.");
      },
    });
  const columns: Column<ConversionPhone>[] = [
    { title: "Phone", cell: (row) => <Mac mac={row.phone} />, sort: (row) => row.phone, width: "180px", card: "title" },
    { title: "State", cell: (row) => { const known = STEPS.find((s) => s.step === row.step); return <Badge tone={known?.tone ?? "quiet"}>{known?.words ?? row.step}</Badge>; }, sort: (row) => row.step, width: "190px", card: "badge" },
    { title: "Extension", cell: (row) => row.extension, sort: (row) => row.extension, width: "110px" },
    { title: "Took", cell: (row) => (row.seconds === null ? "" : span(row.seconds)), sort: (row) => row.seconds ?? -1, width: "90px", end: true },
    { title: "Forgiven", cell: (row) => row.forgiven || "", sort: (row) => row.forgiven, width: "100px", end: true, card: "hide" },
    { title: "Note", cell: noteOf, width: "minmax(180px, 2fr)" },
  ];
  const left = conversion.waiting + conversion.away;
  return (
    <PageFrame
      trail={["Conversions"]}
      title={`Conversion ${conversion.number}`}
      lead={<>{stateBadge(conversion)} {where ? `at ${where}, ` : ""}begun <When time={conversion.opened} />{conversion.ended && <>, over since {exact(conversion.ended)}</>}</>}
      actions={
        <>
          <button type="button" class="secondary" onClick={() => report(conversion)}><Download aria-hidden="true" /> Report</button>
          {may("helpdesk") && conversion.state === "running" && conversion.waiting > 0 && <button type="button" class="secondary" disabled={busy} onClick={() => take("pause")}><Pause aria-hidden="true" /> Pause</button>}
          {may("helpdesk") && conversion.state === "paused" && conversion.waiting > 0 && <button type="button" disabled={busy} onClick={() => take("resume")}><Play aria-hidden="true" /> Resume</button>}
          {may("helpdesk") && conversion.waiting > 0 && <button type="button" class="secondary" onClick={askUndo}><Undo2 aria-hidden="true" /> Undo</button>}
        </>
      }
    >
      {one.error && <Problem text={one.error} />}
      <Card class="progress">
        <p class="big" role="status">
          <strong>{conversion.back.toLocaleString("en")}</strong> of {count(conversion.phones, "phone is", "phones are")} back
          {left > 0 && <>, {left.toLocaleString("en")} to go</>}
        </p>
        <Bar row={conversion} />
        <ul class="chips" aria-label="Show only">
          {STEPS.filter((s) => Number(conversion[s.key]) > 0).map((s) => (
            <li key={s.step}><button type="button" class={`chip step-${s.step.replace(" ", "-")}`} aria-pressed={step === s.step} onClick={() => setStep(step === s.step ? "" : s.step)}>
              <span class="dot" aria-hidden="true" />{s.words} {Number(conversion[s.key]).toLocaleString("en")}
            </button></li>
          ))}
        </ul>
        <p class="small">
          {count(conversion.forgiven, "old failure was", "old failures were")} forgiven; none of them led to a block.
          {median !== undefined && ` Half of the phones were back within ${span(median)}.`}
          {conversion.at_once > 0 && ` At most ${conversion.at_once} are away at once.`}
        </p>
      </Card>
      <Board list={list} onPick={(picked) => setStep(picked)} />
      {conversion.not_back > 0 && (
        <p class="note">Phones that are not back: is there power, does the switch port work? Open one to see its story. A phone that comes later is taken as it is.</p>
      )}
      <Tools search={search} onSearch={setSearch} what="Search by MAC, extension or note" shown={shown.length} total={list.length} noun={["phone", "phones"]}>
        <Filter label="State" value={step} onInput={(value) => setStep(value as "" | Step)}>
          <option value="">Any</option>
          {STEPS.map((s) => <option key={s.step} value={s.step}>{s.words}</option>)}
        </Filter>
      </Tools>
      <Table
        caption="Phones of this conversion" columns={columns} rows={shown} id={(row) => row.phone} noun={["phone", "phones"]}
        open={(row) => go(`/phones/${encodeURIComponent(row.phone)}`)}
        empty={<Empty title="None like that">No phone of this conversion fits.</Empty>}
      />
    </PageFrame>
  );
}
