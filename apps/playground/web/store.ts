import { computed, effect, signal } from '@preact/signals';

import type {
  Call,
  CallRecord,
  ConnectionView,
  Hello,
  JudgeRequest,
  Settings,
  Update,
  WireItem,
} from '../src/serve/api.js';
import { Client, Refusal, type Session } from './client.js';
import { NEW, planOf, type Composition } from './composition.js';
import { linkTo, parseFragment, type Place } from './fragment.js';
import { hasKey, takeKey } from './key.js';

/** What is known of the current session. */
export interface Exchange {
  readonly settings: Settings;
  readonly wire: readonly WireItem[];
  readonly records: readonly CallRecord[];
  readonly view: ConnectionView | undefined;
  /** Why it has ended. */
  readonly ended: string | undefined;
}

export const hello = signal<Hello | undefined>(undefined);
/** Why the page itself cannot work, or why the server refused something. */
export const trouble = signal<string | undefined>(undefined);
export const place = signal<Place>({ view: 'exchange' });
export const composition = signal<Composition>(NEW);
export const exchange = signal<Exchange | undefined>(undefined);
/** How many calls of the plan have been made. */
export const done = signal(0);
/** How many calls, and runs of calls, are under way. */
const working = signal(0);
export const busy = computed(() => working.value > 0);
/** For screen readers. */
export const announcement = signal('');

export const plan = computed(() => planOf(composition.value));
export const next = computed(() => plan.value[done.value]);
export const state = computed(() => (isOver() ? undefined : exchange.value?.view?.state) ?? 'Idle');
/** The events that are legal in the current state. */
export const legal = computed(() => Object.keys(hello.value?.transitions[state.value] ?? {}));

let client: Client | undefined;
/** The session, or its opening. */
let session: Promise<Session> | undefined;

const KEPT = 'http-client playground request';

/** Connects to the server, and shows what the address asks for. */
export async function begin(): Promise<void> {
  const isGiven = hasKey();
  const key = takeKey();
  follow();
  keepComposition();
  window.addEventListener('hashchange', () => {
    // The terminal's new address was opened in a tab that had an older one: only the fragment has changed. Not when the
    // page begins: a key that stayed in the address would reload it for ever.
    if (hasKey()) location.reload();
    else follow();
  });
  if (key === undefined) {
    trouble.value = isGiven
      ? 'The key in this address is malformed. Copy the whole address that the terminal shows.'
      : 'This page has no key. Open the address that the terminal shows, which has it.';
    return;
  }
  client = new Client(key);
  await attempt(async () => {
    hello.value = await client?.hello();
  });
}

function follow(): void {
  place.value = parseFragment(location.hash);
  if (place.value.composition !== undefined) composition.value = place.value.composition;
}

/** Restores the composed request when the page is reloaded: without credentials, as in a link. */
function keepComposition(): void {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  const kept = parseFragment(sessionStorage.getItem(KEPT) ?? '').composition;
  if (navigation?.type === 'reload' && kept !== undefined) composition.value = kept;
  effect(() => {
    try {
      sessionStorage.setItem(KEPT, linkTo(composition.value));
    } catch {
      // Beyond what a browser stores, 5 MB: a reload must not bring back an older request instead.
      sessionStorage.removeItem(KEPT);
    }
  });
}

/** Changes the composition. Calls already made stay; the plan starts again unless a request is under way. */
export function compose(change: Partial<Composition>): void {
  composition.value = { ...composition.value, ...change };
  // A link in the address is to what was composed before: going back to it would undo the change.
  if (parseFragment(location.hash).composition !== undefined) history.replaceState(null, '', '#exchange');
  if (!isUnderWay()) done.value = 0;
}

export function connectWith(change: Partial<Settings>): void {
  compose({ settings: { ...composition.value.settings, ...change } });
}

/** Whether the session has ended, and its connection with it. */
function isOver(): boolean {
  return exchange.value?.ended !== undefined;
}

function isUnderWay(): boolean {
  return state.value.startsWith('Request-');
}

/** Makes a call: on a new connection if there is none, or if the settings have changed since. */
async function make(call: Call): Promise<CallRecord | undefined> {
  let record: CallRecord | undefined;
  await attempt(async () => {
    const current = exchange.value;
    const isStale =
      current !== undefined &&
      current.ended === undefined &&
      !isSame(current.settings, composition.value.settings);
    if (session === undefined || current?.ended !== undefined || isStale) open();
    const mine = session;
    const opened = await mine;
    // Not if it was left while it was being opened.
    if (session !== mine) return;
    try {
      record = await opened?.call(call);
    } catch (error) {
      // If it has been left since, it is no news that the server does not know it any more.
      if (session === mine) throw error;
    }
  });
  if (record !== undefined) announce(record);
  return record;
}

/** Makes the next call of the plan, and returns whether it succeeded. */
export async function step(): Promise<boolean> {
  const call = next.value;
  if (call === undefined) return false;
  const at = done.value;
  const record = await make(call);
  const ok = record?.outcome?.ok === true && !isOver();
  if (ok) done.value = at + 1;
  else if (isOver()) done.value = 0;
  else if (record !== undefined) done.value = afterFailure(at);
  return ok;
}

/** Where the plan continues after the call at this index has failed. */
function afterFailure(at: number): number {
  // The request has failed: the remaining calls have nothing to act on.
  if (!isUnderWay()) return plan.value.length;
  // The server may have responded before it had received the whole request: the response is what remains to be seen.
  return state.value === 'Request-sent' ? plan.value.findIndex(({ call }) => call === 'getResponse') : at;
}

/** Makes a call that is not in the plan, which starts again if that ended the request. */
export async function stepAside(call: Call): Promise<void> {
  if (JSON.stringify(call) === JSON.stringify(next.value)) await step();
  else if ((await make(call)) !== undefined && state.value === 'Idle') done.value = 0;
}

/** Makes the remaining calls, up to the first that fails. */
export async function runRest(): Promise<void> {
  working.value++;
  try {
    while (await step());
  } finally {
    working.value--;
  }
}

/** Starts the plan again, on the same connection. */
export function again(): void {
  done.value = 0;
}

/** Closes the connection, and clears everything shown of it. */
export function startOver(): void {
  void session
    ?.then((left) => {
      left.leave();
    })
    .catch(() => undefined);
  session = undefined;
  exchange.value = undefined;
  done.value = 0;
  announcement.value = 'Started over: nothing is connected.';
}

export async function judge(request: JudgeRequest): ReturnType<Client['judge']> {
  return (await client?.judge(request)) ?? [];
}

function open(): void {
  startOver();
  const { settings } = composition.value;
  exchange.value = { settings, wire: [], records: [], view: undefined, ended: undefined };
  let current = exchange.value;
  const opening = client?.open(settings, (updates) => {
    // An update of a session that the page has left.
    if (exchange.value !== current) return;
    current = updates.reduce(applied, { ...current, wire: [...current.wire, ...wireOf(updates)] });
    exchange.value = current;
    if (isOver()) done.value = 0;
  });
  session = opening;
  opening?.catch(() => {
    if (session === opening) session = undefined;
  });
}

function wireOf(updates: readonly Update[]): WireItem[] {
  return updates.flatMap((update) => (update.type === 'wire' ? [update.item] : []));
}

function applied(exchange: Exchange, update: Update): Exchange {
  switch (update.type) {
    case 'call': {
      const { record } = update;
      return {
        ...exchange,
        records: [...exchange.records.filter(({ number }) => number !== record.number), record],
      };
    }
    case 'view':
      return { ...exchange, view: update.view };
    case 'ended':
      return { ...exchange, ended: update.why };
    case 'opened':
    case 'wire':
      return exchange;
  }
}

/** Does what the server may refuse, and shows the reason. */
async function attempt(work: () => Promise<void>): Promise<void> {
  trouble.value = undefined;
  working.value++;
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    trouble.value = error.message;
    announcement.value = error.message;
  } finally {
    working.value--;
  }
}

function announce({ call, outcome }: CallRecord): void {
  if (outcome === undefined) return;
  const what = outcome.ok ? outcome.value : `${outcome.error.name}: ${outcome.error.message}`;
  announcement.value = `${call}: ${what}. State ${state.value}.`;
}

function isSame(one: Settings, other: Settings): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
