import { NEW, type Composition } from './composition.js';
import { isSecret, withoutUser } from '../src/credentials.js';
import type { Field } from '../src/serve/api.js';

export type View = 'exchange' | 'compare' | 'rules';

/** What the fragment of the address stands for: a view, and what to show in it. */
export interface Place {
  readonly view: View;
  /** The id of the row of the rules to show. */
  readonly rule?: string;
  readonly composition?: Composition;
}

/** Parses a fragment. One that the page does not know stands for the first view. */
export function parseFragment(fragment: string): Place {
  const [view = '', rest] = fragment.replace(/^#/, '').split('=', 2);
  if (view === 'request' && rest !== undefined) {
    const composition = decode(rest);
    return composition === undefined ? { view: 'exchange' } : { view: 'exchange', composition };
  }
  if (view === 'rules') return rest === undefined ? { view } : { view, rule: rest };
  return { view: view === 'compare' ? view : 'exchange' };
}

/** Whether a link leaves something of the composition out. */
export function hasSecrets({ headers, settings: { server, proxy } }: Composition): boolean {
  return headers.some(([name]) => isSecret(name)) || [server, proxy].some((url) => withoutUser(url) !== url);
}

/** The fragment that leads to a composition, without the credentials in it: links are made to be passed on. */
export function linkTo(composition: Composition): string {
  const { headers, settings } = composition;
  const shared: Composition = {
    ...composition,
    headers: headers.filter(([name]) => !isSecret(name)),
    settings: { ...settings, server: withoutUser(settings.server), proxy: withoutUser(settings.proxy) },
  };
  const bytes = new TextEncoder().encode(JSON.stringify(shared));
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return `#request=${text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}

function decode(text: string): Composition | undefined {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) =>
      c.charCodeAt(0),
    );
    return checked(JSON.parse(new TextDecoder().decode(bytes)) as unknown);
  } catch {
    return undefined;
  }
}

/** A link may contain anything: a value of another type than expected is replaced by that of a new composition. */
function checked(value: unknown): Composition | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const given = { ...NEW, ...value } as Record<keyof Composition, unknown>;
  const settings = alike(given.settings, NEW.settings);
  return {
    ...alike(given, NEW),
    settings: {
      ...settings,
      tolerate: strings((given.settings as Record<string, unknown> | null)?.['tolerate']),
      // Never `anybody`: whoever made the link must not turn off the check of certificates.
      trust: settings.trust === 'platform' ? 'platform' : 'playground',
    },
    headers: fields(given.headers),
    trailers: fields(given.trailers),
  };
}

/** The properties of `like`, each taken from `value` if it has the same type there. */
function alike<T extends object>(value: unknown, like: T): T {
  const given = (typeof value === 'object' ? value : undefined) as
    Partial<Record<string, unknown>> | null | undefined;
  const entries = Object.entries(like).map(([name, usual]: [string, unknown]) => {
    const other = given?.[name];
    return [name, typeof other === typeof usual ? other : usual];
  });
  return Object.fromEntries(entries) as T;
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function fields(value: unknown): Field[] {
  if (!Array.isArray(value)) return [];
  return value.filter(
    (each): each is Field =>
      Array.isArray(each) && each.length === 2 && each.every((part) => typeof part === 'string'),
  );
}
