import { readFileSync } from 'node:fs';

/** What Python 3.13 made of a block and what came behind it; all text stands for bytes (ISO-8859-1). */
export interface BlockRow {
  input: string;
  fields: [string, string][];
  /** The names of the classes of its defects. */
  defects: string[];
  /** What the reference left unread. */
  rest: string;
}

export const BLOCKS = JSON.parse(readFileSync(new URL('blocks.json', import.meta.url), 'utf8')) as BlockRow[];
