import { FieldBlock, type HeaderDefect } from './field-block.js';
import { isBlank, trimBlanksBefore, trimBlanksBehind } from './grammar.js';

/** A name as the reference knows it: any visible ASCII but the colon. */
const FIELD_LINE = /^[!-9;-~]*:/;

/**
 * Reads a block as Python 3.13 does (`http.client.parse_headers`, and with it `email.feedparser`), which finds the end of the
 * block by its LF lines, and then splits the text anew:
 * - CR ends a line too, and an empty line between two of them ends the fields: those after it are lost;
 * - so does a line that is neither a field, a fold nor a `From ` line, such as one with a space before its colon;
 * - a line with an empty name is skipped, and a fold behind it, or at the very start, continues nothing;
 * - a `From ` line is skipped: silently as the first or last one, since it may be a mailbox's separator;
 * - values keep their trailing blanks, and all controls.
 *
 * What the reference does with the text behind the fields does not exist here. A fold is one space, where the
 * reference keeps the line break in the value.
 */
export function parseAsReference(text: string): FieldBlock {
  const spans: number[] = [];
  const defects: HeaderDefect[] = [];
  /** The values that are no range of the text; they are put behind it. */
  let folded = '';
  /** The lines of the current field's value; none where a fold would continue nothing. */
  let parts: string[] = [];
  let misplaced: HeaderDefect[] = [];

  const endField = (): void => {
    if (parts.length > 1) {
      const value = joinFolds(parts);
      const from = text.length + folded.length;
      folded += value;
      spans.splice(-2, 2, from, from + value.length);
    }
    parts = [];
  };

  let start = 0;
  while (start < text.length) {
    let end = start;
    while (end < text.length && text[end] !== '\r' && text[end] !== '\n') end++;
    const line = text.slice(start, end);
    if (line === '') break;
    const isFold = isBlank(line.charCodeAt(0));
    const isFrom = line.startsWith('From ');
    if (!isFold && !isFrom && !FIELD_LINE.test(line)) {
      defects.unshift(defect(line, 'no field line: it ends the fields'));
      break;
    }
    defects.push(...misplaced);
    misplaced = [];
    const colon = line.indexOf(':');
    if (!isFold) endField();
    if (isFold && parts.length > 0) {
      parts.push(line);
    } else if (isFold) {
      defects.push(defect(line, 'it continues no field'));
    } else if (isFrom) {
      // Of no harm as the first line, and as the last one, which is known when another comes.
      if (start > 0) misplaced.push(defect(line, 'a mailbox separator among the fields'));
    } else if (colon === 0) {
      defects.push(defect(line, 'an empty name'));
    } else {
      const value = trimBlanksBefore(line.slice(colon + 1));
      parts.push(value);
      spans.push(start, start + colon, end - value.length, end);
    }
    start = end + (text.startsWith('\r\n', end) ? 2 : 1);
  }
  endField();
  return new FieldBlock(text + folded, spans, defects);
}

/** The lines of a value as one, a space for each fold; blanks at the start and at the end of the whole stay. */
function joinFolds(lines: readonly string[]): string {
  const last = lines.length - 1;
  return lines
    .map((line, at) => {
      const text = at === last ? line : trimBlanksBehind(line);
      return at === 0 ? text : trimBlanksBefore(text);
    })
    .join(' ');
}

function defect(line: string, detail: string): HeaderDefect {
  return { line: line.slice(0, 200), detail };
}
