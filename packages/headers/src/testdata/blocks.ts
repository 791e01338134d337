import { readFileSync } from 'node:fs';

/** What Python 3.13 made of a block and what followed it; all text represents bytes (ISO-8859-1). */
interface BlockRow {
  input: string;
  fields: [string, string][];
  /** The class names of its defects. */
  defects: string[];
  /** What the reference left unread. */
  rest: string;
}

export const BLOCKS = JSON.parse(readFileSync(new URL('blocks.json', import.meta.url), 'utf8')) as BlockRow[];
