import { TextDecoder } from 'node:util';

import type { HTTPMessage } from '@http-client/client';
import pc from 'picocolors';

import { hideInValue } from './credentials.js';

export type Palette = ReturnType<typeof pc.createColors>;

/** Colours for a terminal that has them, unless the user wants none (https://no-color.org). */
export function palette(terminal: boolean, env: NodeJS.ProcessEnv = process.env): Palette {
  return pc.createColors(terminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb');
}

/**
 * Controls, and what turns the direction of writing or breaks a line: what a peer could use to make a terminal do or
 * show something else than what was sent. The other invisible characters stay: scripts and emoji need them.
 */
const UNSAFE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;
const NAMED: Readonly<Record<string, string>> = { '\r': '\\r', '\n': '\\n', '\t': '\\t' };

/** Text as it may be shown on one line, controls written as escapes: `\x1b`. */
export function oneLine(text: string): string {
  return text.replace(UNSAFE, escape);
}

/** Text as it may be shown on several lines: line feeds and tabs stay. */
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

/** Bytes to text for a terminal, block by block, however characters and line ends are cut. */
export class TerminalText {
  readonly #decoder: TextDecoder;
  /** A CR that may be half a line end. */
  #held = '';
  #atLineStart = true;

  /** @param charset as Content-Type names it; UTF-8 where it is absent or unknown here. */
  constructor(charset?: string) {
    this.#decoder = decoder(charset);
  }

  push(block: Uint8Array): string {
    return this.#show(this.#decoder.decode(block, { stream: true }), false);
  }

  /** What was held back, and a line end where the text has none: the prompt begins on a line of its own. */
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

/** A start line or status line, without what may be left out of it. */
export function statusLine(version: 10 | 11, status: number, reason: string): string {
  return oneLine(`HTTP/1.${version - 10} ${status}${reason === '' ? '' : ` ${reason}`}`);
}

/** A head's field lines, one each; without credentials, unless they are to be shown. */
export function fieldLines(headers: HTTPMessage, colors: Palette, showCredentials = false): string[] {
  return [...headers].map(([name, value]) => {
    const shown = showCredentials ? value : hideInValue(name, value);
    return `${colors.cyan(oneLine(name))}: ${oneLine(shown)}`;
  });
}

/** The first lines of a body, each cut, and how much of it is not shown. */
export function excerpt(body: Uint8Array, options: { lines: number; width: number }): string[] {
  // A character has four bytes at most: what is behind that is not looked at.
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

/** How fast so many bytes have come in so many milliseconds: `1.2 MB/s`. */
export function rate(count: number, milliseconds: number): string {
  const perSecond = (count * 1000) / Math.max(milliseconds, 1);
  const power = Math.min(Math.floor(Math.log10(Math.max(perSecond, 1)) / 3), UNITS.length - 1);
  const options = { style: 'unit', unit: `${UNITS[power]!}-per-second`, maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat('en', options).format(perSecond / 1000 ** power);
}
