import { quote } from '@http-client/errors';

/** A parameter of a field value, `; name=value` (RFC 9110, section 5.6.6); the first one is the text before them. */
export interface Param {
  /** In lower case, if it was received with a value. */
  readonly name: string;
  readonly value: string;
  /** The value in its extended form, if it was received in that: `utf-8''na%C3%AFve` (RFC 8187). */
  readonly extended?: string | undefined;
}

interface Part {
  readonly number: number;
  readonly text: string;
  readonly encoded: boolean;
}

/**
 * The parameters of a field value, parsed as by Python's email.message: quoted strings, continuations and charsets
 * (RFC 2231, RFC 8187) are decoded. Those with an asterisk in their name come after the others.
 */
export function parseParams(value: string): Param[] {
  const params: Param[] = [];
  const split = new Map<string, Part[]>();
  for (const param of splitParams(value)) {
    const equals = param.indexOf('=');
    const name = equals < 0 ? param.trim() : param.slice(0, equals).trim().toLowerCase();
    const text = equals < 0 ? '' : unquote(param.slice(equals + 1).trim());
    const [, whole, number = -1] = /^(\w+)\*(?:(\d+)\*?)?$/.exec(name) ?? [];
    if (whole === undefined || params.length === 0) {
      params.push({ name, value: text });
    } else {
      const part = { number: Number(number), text, encoded: name.endsWith('*') };
      if (!split.get(whole)?.push(part)) split.set(whole, [part]);
    }
  }
  for (const [name, parts] of split) params.push(joinParts(name, parts));
  return params;
}

/** In a single pass: the reference counts the quotes again for each semicolon. */
function splitParams(value: string): string[] {
  if (!value.includes('"')) return value.split(';');
  const params: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at < value.length; at++) {
    if (value[at] === '"' && value[at - 1] !== '\\') quoted = !quoted;
    if (value[at] === ';' && !quoted) {
      params.push(value.slice(start, at));
      start = at + 1;
    }
  }
  return [...params, value.slice(start)];
}

function joinParts(name: string, parts: Part[]): Param {
  parts.sort((a, b) => a.number - b.number || (a.text < b.text ? -1 : 1));
  // An undivided value takes precedence over continuations, which are for recipients that do not support it.
  const single = parts[0]!.number < 0;
  const value = parts
    .filter(({ number }) => number < 0 === single)
    .map(({ text, encoded }) => (encoded ? decodePercent(text) : text))
    .join('');
  if (!parts.some(({ encoded }) => encoded)) return { name, value };
  const [, before, charset = 'us-ascii', text] = /^((?:([^']*)'[^']*')?)(.*)/s.exec(value)!;
  const extended = before! + text!.replace(/[^\w.~-]/g, toPercent);
  return { name, value: decodeCharset(text!, charset), extended };
}

/** The content of a quoted string, or of text in angle brackets; other text unchanged. */
export function unquote(text: string): string {
  if (text[0] !== '"' && text[0] !== '<') return text;
  const [, quoted, angled] = /^(?:"(.*)"|<(.*)>)$/s.exec(text) ?? [];
  return quoted?.replaceAll('\\\\', '\\').replaceAll('\\"', '"') ?? angled ?? text;
}

/** A parameter as it is written in a field: quoted, or in the extended form if it is not all ASCII. */
export function formatParam({ name, value, extended }: Param): string {
  if (extended !== undefined) return `${name}*=${extended}`;
  if (value === '') return name;
  if (!/[^\0-\x7f]/.test(value)) return `${name}="${value.replace(/["\\]/g, '\\$&')}"`;
  if (/\p{Cs}/u.test(value)) {
    throw new TypeError(`Cannot encode the parameter ${name}: half a surrogate pair: ${quote(value)}`);
  }
  return `${name}*=utf-8''${encodeURIComponent(value).replace(/[!'()*]/g, toPercent)}`;
}

/** Parameters as one field value. The text before the first one may be empty. */
export function formatParams(params: readonly Param[]): string {
  return params
    .map(formatParam)
    .join('; ')
    .replace(/^(?:; )+/, '');
}

function toPercent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`;
}

function decodePercent(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

/** The part of the web's `TextDecoder` that is used. */
declare const TextDecoder: new (
  charset: string,
  options: { ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };

/** ISO-8859-1 text as bytes. Not by `encodeLatin1`, which the bundle of a parser would contain for this alone. */
export function latin1Bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Decodes bytes, given as ISO-8859-1 text, by a charset. If that is unknown, the text is returned unchanged. */
function decodeCharset(text: string, charset: string): string {
  // Under these two names, the platform's decoder decodes windows-1252.
  if (/^(us-)?ascii$/i.test(charset)) return text.replace(/[^\0-\x7f]/g, '\ufffd');
  if (/^(iso-?8859-1|latin-?1)$/i.test(charset)) return text;
  try {
    return new TextDecoder(charset, { ignoreBOM: true }).decode(latin1Bytes(text));
  } catch {
    return text;
  }
}
