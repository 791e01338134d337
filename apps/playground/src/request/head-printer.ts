import { decodeLatin1, type WireEvent } from '@http-client/client';

import { LineFilter } from '../credentials.js';
import { oneLine, type Palette } from '../print.js';

/**
 * Formats the heads on the wire as lines: `> ` marks what was sent, `< ` what was received. This includes CONNECT and
 * its response, interim responses, trailer sections, and a head that was rejected, but not bodies.
 */
export function headPrinter(colors: Palette, showCredentials: boolean): (event: WireEvent) => string {
  const filters = { sent: new LineFilter(), received: new LineFilter() };
  const previous: Partial<Record<WireEvent['direction'], WireEvent['part']>> = {};
  return ({ direction, part, data }) => {
    // The end of a body in chunks, without a trailer section.
    const isAlone = part === 'blank-line' && previous[direction] === 'chunk-size';
    previous[direction] = part;
    if (isAlone) return '';
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

/** The text of the part, if it belongs to a head. */
function headText(part: WireEvent['part'], text: string): string {
  switch (part) {
    case 'request-line':
    case 'status-line':
    case 'header':
    case 'trailer':
    case 'blank-line':
      return text;
    case 'excess':
      // A rejected head is reported as excess, with whatever followed it.
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
