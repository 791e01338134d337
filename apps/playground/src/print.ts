import { TextDecoder } from 'node:util';

import type { HTTPMessage } from '@http-client/client';
import pc from 'picocolors';

import { hideInValue } from './credentials.js';

export type Palette = ReturnType<typeof pc.createColors>;

/** Colours for a terminal that supports them, unless the user wants none (https://no-color.org). */
export function palette(terminal: boolean, env: NodeJS.ProcessEnv = process.env): Palette {
  return pc.createColors(terminal && (env['NO_COLOR'] ?? '') === '' && !isDumb(env));
}

/** Whether the terminal understands no escape sequences, as within an editor. */
export function isDumb(env: NodeJS.ProcessEnv = process.env): boolean {
  return env['TERM'] === 'dumb';
}

/**
 * Control characters, and those that change the direction of text or break a line: a peer could use them to make a
 * terminal do or show something other than what was sent. Other invisible characters stay: scripts and emoji need them.
 */
const UNSAFE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;
const NAMED: Readonly<Record<string, string>> = { '\r': '\\r', '\n': '\\n', '\t': '\\t' };

/** Text for one line of a terminal, with control characters escaped: `\x1b`. */
export function oneLine(text: string): string {
  return text.replace(UNSAFE, escape);
}

/** Text for several lines of a terminal: line feeds and tabs stay. */
export function lines(text: string): string {
  return text.replace(UNSAFE, (character) =>
    character === '\n' || character === '\t' ? character : escape(character),
  );
}

function escape(character: string): string {
  const code = character.codePointAt(0)!;
  const hex = code.toString(16);
  return NAMED[character] ?? (code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`);
}

/** Decodes bytes to text for a terminal, block by block. Characters and line ends may be split between blocks. */
export class TerminalText {
  readonly #decoder: TextDecoder;
  /** A CR that may be the first half of a line end. */
  #held = '';
  #atLineStart = true;

  /** @param charset as named by Content-Type; UTF-8 if it is absent or unknown. */
  constructor(charset?: string) {
    this.#decoder = decoder(charset);
  }

  push(block: Uint8Array): string {
    return this.#show(this.#decoder.decode(block, { stream: true }), false);
  }

  /** The rest of the text, with a line end if it has none, so that the shell's prompt begins on its own line. */
  end(): string {
    const rest = this.#show(this.#decoder.decode(), true);
    return this.#atLineStart ? rest : `${rest}\n`;
  }

  #show(decoded: string, last: boolean): string {
    let text = this.#held + decoded;
    this.#held = !last && text.endsWith('\r') ? '\r' : '';
    if (this.#held !== '') text = text.slice(0, -1);
    const shown = lines(text.replaceAll('\r\n', '\n'));
    if (shown !== '') this.#atLineStart = shown.endsWith('\n');
    return shown;
  }
}

function decoder(charset: string | undefined): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}

/** A status line. Without a reason it has no trailing space. */
export function statusLine(version: 10 | 11, status: number, reason: string): string {
  return oneLine(`HTTP/1.${version - 10} ${status}${reason === '' ? '' : ` ${reason}`}`);
}

/** The field lines of a head, with credentials hidden unless they are to be shown. */
export function fieldLines(headers: HTTPMessage, colors: Palette, showCredentials = false): string[] {
  return [...headers].map(([name, value]) => {
    const shown = showCredentials ? value : hideInValue(name, value);
    return `${colors.cyan(oneLine(name))}: ${oneLine(shown)}`;
  });
}

/** The first lines of a body, each truncated to a width, with `…` if there is more. */
export function excerpt(body: Uint8Array, options: { lines: number; width: number }): string[] {
  // A character has at most four bytes: nothing beyond that is needed.
  const most = options.lines * (options.width + 1) * 4;
  const text = new TextDecoder().decode(body.subarray(0, most));
  const all = lines(text.replaceAll('\r\n', '\n')).replace(/\n$/, '').replaceAll('\t', '    ').split('\n');
  const shown = all
    .slice(0, options.lines)
    .map((line) => (line.length > options.width ? `${line.slice(0, options.width - 1)}…` : line));
  if (all.length > options.lines || body.length > most) shown.push('…');
  return shown;
}

/** `1,893 bytes`, `1 byte`. */
export function bytes(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'byte' : 'bytes'}`;
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];

/** The rate of a transfer: `1.2 MB/s`. */
export function rate(count: number, milliseconds: number): string {
  const perSecond = (count * 1000) / Math.max(milliseconds, 1);
  const power = Math.min(Math.floor(Math.log10(Math.max(perSecond, 1)) / 3), UNITS.length - 1);
  const options = { style: 'unit', unit: `${UNITS[power]!}-per-second`, maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat('en', options).format(perSecond / 1000 ** power);
}
