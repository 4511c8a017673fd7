// Rows as the API gives them: the same fields as the shell's --json.

export type Role = "administrator" | "helpdesk" | "viewer";

export interface Session {
  name: string;
  role: Role;
  csrf: string;
  expires: string;
}

export interface Page<Row> {
  items: Row[];
  total: number;
  next: string | null;
}

export interface Done {
  message?: string;
}

export interface RestartRow {
  mac: string;
  restart: string; // "told 2 s ago, not back"; "restart by hand: ..."
}

export interface Restarts extends Done {
  items: RestartRow[];
}

export interface Reloaded extends Done {
  changed: string[];
  needs_restart: string[];
  warnings: string[];
}

export interface LocationRow {
  name: string;
  label: string;
  emergency_number: string;
  address: string;
  networks: string[];
  phones: number;
  variables?: Record<string, string>;
  templates?: Record<string, string>;
  house_number?: string;
  street?: string;
  city?: string;
  state?: string;
  postal_code?: string;
  country?: string;
  building?: string;
  floor?: string;
  room?: string;
}

export type MainPhone = "none" | "desk-phone" | "hot-desking";

export interface UserRow {
  extension: string;
  name: string;
  main_phone: MainPhone;
  main_extension: string; // "Not Assigned", "Hot Desking", or the MAC of the desk phone
  phones: string[];
  pin: "set" | "not set";
}

export type PhoneRole = "desk" | "hot-desk" | "unassigned";

export interface PhoneRow {
  mac: string;
  vendor: string;
  model: string;
  role: PhoneRole;
  location: string;
  assigned_to: string;
  token: string;
  last_seen: string;
  last_seen_at?: string;
  last_source?: string;
  last_file?: string;
  files?: number;
  restart?: string;
}

export interface PhoneDetails extends PhoneRow {
  account: string;
  emergency: string;
  variables: Record<string, string>;
  templates: Record<string, string>;
}

export interface Rendered {
  mac: string;
  kind: string;
  files: { name: string; template: string; text: string }[];
  values: { name: string; value: string; layer: string }[];
}

export interface DeskLink {
  phone: string;
  url: string;
  svg: string;
}

// A phone whose login screen is an app that it is given.
export interface DeskAppRow {
  phone: string;
  model: string;
  location: string;
  address: string;
  version: string; // that it is to have
  installed: string; // empty: none yet
  state: string;
}

export interface DeskRow {
  phone: string;
  model: string;
  location: string;
  label: string;
  state: "idle" | "logged in" | "not back";
  extension: string;
  user: string;
  since: string;
  call: string; // what keeps the phone as it is: "is in a call since ..."; empty: nothing
}

export interface MisplacedRow {
  phone: string;
  location: string;
  address: string;
  since: string;
}

export interface ConversionRow {
  number: number;
  location: string;
  at_once: number;
  state: "running" | "paused" | "over";
  opened: string;
  ended: string;
  phones: number;
  waiting: number;
  away: number;
  back: number;
  not_back: number;
  undone: number;
  refused: number;
  forgiven: number;
  old_password_tries: number;
}

export type Step = "waiting" | "away" | "back" | "not back" | "undone" | "refused";

export interface ConversionPhone {
  phone: string;
  step: Step;
  extension: string;
  started: string;
  ended: string;
  seconds: number | null;
  forgiven: number;
  old_password_tries: number;
  note: string;
}

export interface Conversion extends ConversionRow {
  list: ConversionPhone[];
}

export interface BlockRow {
  source: string;
  service: string;
  account: string;
  since: string;
  until: string;
  reason: string;
  by_administrator: boolean;
}

export interface LeaseRow {
  mac: string;
  state: string;
  accounts: string[];
  opened: string;
  deadline: string;
  budget: number;
  spent: number;
  old_password_tries: number;
  reason: string;
  addresses: string[];
}

export interface Holder {
  mac: string;
  learned_by: string;
  first: string;
  last: string;
  interface: string;
  vlan: number;
  vendor_class: string;
  relay: string;
}

export interface BindingRow {
  address: string;
  conflict: boolean;
  fit: boolean;
  holders: Holder[];
}

export interface EventRow {
  number?: number;
  time: string;
  kind: string;
  text: string;
  source?: string;
  phone?: string;
  extension?: string;
  by?: string;
}

export interface AuditRow {
  id: number | string;
  time: string;
  who: string;
  role: string;
  action: string;
  about: string;
  before: unknown;
  after: unknown;
}

export interface AdministratorRow {
  name: string;
  role: Role;
  made: string;
}

export interface TokenRow {
  id: string;
  label: string;
  role: Role;
  made: string;
  expires: string;
}

export interface Attention {
  kind: string;
  text: string;
  link: string;
}

export interface Series {
  name: string;
  points: [number, number][];
}

export interface OverviewData {
  attention: Attention[];
  phones: Record<string, number>;
  blocks: number;
  series: Series[];
}

export interface StatusData {
  pid?: number;
  healthy: boolean;
  listeners: { service: string; address: string }[];
  sections: { title: string; rows: [string, string][] }[];
  limits: string[];
}

export interface Rules {
  toml: string;
  file: string;
}

export interface RulesReport {
  valid: boolean;
  errors: { line: number | null; column: number | null; key: string; message: string }[];
  warnings: string[];
  expectations: number;
}

export interface ReplayedBlock {
  source: string;
  service: string;
  account: string;
  since: string;
  until: string;
  reason: string;
  phones: string[];
  accounts: string[];
  failures: number;
  successes: number;
}

export interface Replay {
  from: string;
  until: string;
  events: number;
  failures: number;
  actual: number;
  simulated: number;
  same: number;
  appeared_count: number;
  vanished_count: number;
  appeared: ReplayedBlock[];
  vanished: ReplayedBlock[];
}

export interface Shadow {
  from: string;
  until: string;
  events: number;
  blocks_count: number;
  failures: number;
  successes: number;
  blocks: ReplayedBlock[];
  phones: string[];
}

export interface EmergencyRow {
  phone: string;
  location: string;
  label: string;
  number: string;
  address: string;
  missing: string;
}
