import { FieldBlock, type HeaderDefect } from './field-block.js';
import { isBlank, trimBlanksBefore, trimBlanksBehind } from './grammar.js';

/**
 * Reads a block as Python 3.13 does (`http.client.parse_headers` and `email.feedparser` below it), which finds the end
 * of the block by its LF lines and then splits the text anew:
 * - CR ends a line too, and an empty line between two of them ends the fields: those after it are lost;
 * - so does a line that is not a field, no fold and no `From ` line, such as one with a space before its colon. A name may
 *   be any visible ASCII but the colon;
 * - a line with an empty name is skipped; a fold behind it, or at the very start, continues nothing;
 * - a `From ` line, a mailbox's separator, is skipped: silently where it is the first or the last one;
 * - values keep the blanks behind them, and all controls.
 *
 * The reference goes on to read the rest as a body, which does not exist here. A fold is one space, where the reference
 * keeps the line break in the value.
 */
export function parseAsReference(text: string): FieldBlock {
  const defects: HeaderDefect[] = [];
  const block = new FieldBlock('', [], defects);
  let name = '';
  let value = '';
  let lastLine = '';
  let separator = '';
  const endField = (): void => {
    if (name !== '') block.push(name, value + lastLine);
    name = value = '';
  };

  for (const [index, line] of text.split(/\r\n|[\r\n]/).entries()) {
    const field = /^([!-9;-~]*):[ \t]*/.exec(line);
    const isFold = isBlank(line.charCodeAt(0));
    const isSeparator = line.startsWith('From ');
    if (field === null && !isFold && !isSeparator) {
      if (line !== '') defects.unshift(defect(line, 'no field line: it ends the fields'));
      break;
    }
    if (separator !== '') defects.push(defect(separator, 'a mailbox separator among the fields'));
    separator = '';
    if (isFold && name !== '') {
      value += trimBlanksBehind(lastLine) + ' ';
      lastLine = trimBlanksBefore(line);
      continue;
    }
    endField();
    if (isFold) {
      defects.push(defect(line, 'it continues no field'));
    } else if (isSeparator) {
      if (index > 0) separator = line;
    } else if (field![1] === '') {
      defects.push(defect(line, 'an empty name'));
    } else {
      name = field![1]!;
      lastLine = line.slice(field![0].length);
    }
  }
  endField();
  return block;
}

function defect(line: string, detail: string): HeaderDefect {
  return { line: line.slice(0, 200), detail };
}
