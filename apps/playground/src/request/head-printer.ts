import { decodeLatin1, type WireEvent } from '@http-client/client';

import { LineFilter } from '../credentials.js';
import { oneLine, type Palette } from '../print.js';

/**
 * Makes lines of the heads that go over the wire, as they went: `> ` begins what was sent, `< ` what was received. CONNECT
 * and its answer, interim answers and trailers are among them, and a head that was refused; bodies are not.
 */
export function headPrinter(colors: Palette, showCredentials: boolean): (event: WireEvent) => string {
  const filters = { sent: new LineFilter(), received: new LineFilter() };
  return ({ direction, part, data }) => {
    const text = headText(part, decodeLatin1(data));
    const shown = showCredentials ? text : filters[direction].lines(text);
    const mark = colors.dim(direction === 'sent' ? '>' : '<');
    return shown
      .split(/(?<=\n)/)
      .filter((line) => line !== '')
      .map((line) => `${`${mark} ${paint(oneLine(line.replace(/\r?\n$/, '')), colors)}`.trimEnd()}\n`)
      .join('');
  };
}

/** What there is of a head in the part of a message. */
function headText(part: WireEvent['part'], text: string): string {
  switch (part) {
    case 'request-line':
    case 'status-line':
    case 'header':
    case 'trailer':
    case 'blank-line':
      return text;
    case 'excess':
      // A head that was refused is left over, with whatever came behind it.
      return /^HTTP\//.test(text) ? text.replace(/(?<=\n\r?\n)[^]*/, '') : '';
    default:
      return '';
  }
}

function paint(line: string, colors: Palette): string {
  if (/^HTTP\/1\.\d /.test(line)) return /^.{9}[1-3]/.test(line) ? colors.green(line) : colors.yellow(line);
  if (/ HTTP\/1\.\d$/.test(line)) return colors.bold(line);
  return line.replace(/^[^\s:]+(?=:)/, (name) => colors.cyan(name));
}
