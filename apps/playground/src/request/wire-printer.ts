import { decodeLatin1, type WireEvent, type WirePart } from '@http-client/client';

import { LineFilter } from '../credentials.js';
import type { Palette } from '../print.js';

/** The most characters of a message in one row. */
const WIDTH = 72;

/** The widest label is `request-line`. */
const LABEL_WIDTH = 14;

const COLORS: Readonly<Record<WirePart, keyof Palette>> = {
  'request-line': 'bold',
  'status-line': 'bold',
  header: 'cyan',
  'blank-line': 'dim',
  body: 'reset',
  'chunk-size': 'magenta',
  'chunk-data': 'reset',
  'chunk-end': 'magenta',
  trailer: 'cyan',
  excess: 'red',
};

/** The parts that may contain field lines or URLs. Excess bytes may be a whole head that was rejected. */
const FILTERED: readonly WirePart[] = ['request-line', 'header', 'trailer', 'excess'];

/**
 * Formats the bytes on the wire as rows: the direction, the part, and the bytes as ISO-8859-1 text. Anything but
 * printable ASCII is escaped as in source code, so that the bytes cannot be confused with the rows.
 */
export function wirePrinter(colors: Palette, showCredentials: boolean): (event: WireEvent) => string {
  const filters = { sent: new LineFilter(), received: new LineFilter() };
  return ({ direction, part, data }) => {
    const text = decodeLatin1(data);
    const shown = showCredentials || !FILTERED.includes(part) ? text : filters[direction].lines(text);
    const mark = colors.dim(direction === 'sent' ? '>' : '<');
    const paint = colors[COLORS[part]] as (text: string) => string;
    return rows(shown)
      .map((row, index) => `${mark} ${(index === 0 ? part : '').padEnd(LABEL_WIDTH)}${paint(row)}\n`)
      .join('');
  };
}

/** Splits text after each line feed and when a row is full, but never within an escape. */
function rows(text: string): string[] {
  const found: string[] = [];
  let row = '';
  for (const character of text) {
    const escaped = escape(character);
    if (row.length + escaped.length > WIDTH) {
      found.push(row);
      row = '';
    }
    row += escaped;
    if (character === '\n') {
      found.push(row);
      row = '';
    }
  }
  if (row !== '') found.push(row);
  return found;
}

const NAMED: Readonly<Record<string, string>> = { '\r': '\\r', '\n': '\\n', '\t': '\\t', '\\': '\\\\' };

function escape(character: string): string {
  if (/[ -[\]-~]/.test(character)) return character;
  return NAMED[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
