import { NEW, type Composition } from './composition.js';
import type { Field } from '../src/serve/api.js';

export type View = 'exchange' | 'compare' | 'rules';

/** What the address says, behind `#`: which view, and what in it. */
export interface Place {
  readonly view: View;
  /** The row of the rules that is meant. */
  readonly rule?: string;
  readonly composition?: Composition;
}

/** What the address says; another fragment than the page's own is no more than the first view. */
export function parseFragment(fragment: string): Place {
  const [view = '', rest] = fragment.replace(/^#/, '').split('=', 2);
  if (view === 'request' && rest !== undefined) {
    const composition = decode(rest);
    return composition === undefined ? { view: 'exchange' } : { view: 'exchange', composition };
  }
  if (view === 'rules') return rest === undefined ? { view } : { view, rule: rest };
  return { view: view === 'compare' ? view : 'exchange' };
}

/** Fields whose values are secrets, mostly: a link is made to be given away. */
const SECRET = /^(?:authorization|proxy-authorization|cookie)$/i;

/** Whether something of the composition is left out of a link to it. */
export function hasSecrets({ headers, settings }: Composition): boolean {
  return headers.some(([name]) => SECRET.test(name)) || withoutUser(settings.proxy) !== settings.proxy;
}

/** The fragment that leads to a composition, without what is secret in it. */
export function linkTo(composition: Composition): string {
  const { headers, settings } = composition;
  const shared: Composition = {
    ...composition,
    headers: headers.filter(([name]) => !SECRET.test(name)),
    settings: { ...settings, server: withoutUser(settings.server), proxy: withoutUser(settings.proxy) },
  };
  const bytes = new TextEncoder().encode(JSON.stringify(shared));
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return `#request=${text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}

function withoutUser(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/@]*@/i, '$1');
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

/** Whoever made the link may have put anything into it: what is not of the type that it should be is as in a new one. */
function checked(value: unknown): Composition | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const given = { ...NEW, ...value } as Record<keyof Composition, unknown>;
  const settings = alike(given.settings, NEW.settings);
  return {
    ...alike(given, NEW),
    settings: {
      ...settings,
      tolerate: strings((given.settings as Record<string, unknown> | null)?.['tolerate']),
      trust: settings.trust === 'platform' ? 'platform' : 'playground',
    },
    headers: fields(given.headers),
    trailers: fields(given.trailers),
  };
}

/** The properties of `like`, each from `value` where it has the same type there. */
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
