import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT, workspaces } from '../../scripts/workspaces.js';

/** A fenced block of a README that counts as a program. */
export interface Program {
  /** The README's path from the root, with forward slashes. */
  readme: string;
  /** The line of its first statement, from 1 up. */
  line: number;
  code: string;
}

// The first word of an info string names the language; the words after it are ours, and nothing shows them.
const FENCE = /^(?<marks>`{3,}|~{3,})[ \t]*(?<info>.*)$/;

/** Every fenced `ts` block of a README that does not say that it is a `fragment`. */
export function programsIn(readme: string, markdown: string): Program[] {
  const programs: Program[] = [];
  let open: { marks: string; program: Program | undefined } | undefined;
  for (const [index, text] of markdown.split(/\r?\n/).entries()) {
    const { marks = '', info = '' } = FENCE.exec(text)?.groups ?? {};
    if (open === undefined) {
      if (marks === '') continue;
      const [language, ...words] = info.trim().split(/\s+/);
      const counts = (language === 'ts' || language === 'typescript') && !words.includes('fragment');
      const program = counts ? { readme, line: index + 2, code: '' } : undefined;
      if (program !== undefined) programs.push(program);
      open = { marks, program };
    } else if (marks.startsWith(open.marks) && info === '') {
      open = undefined;
    } else if (open.program !== undefined) {
      open.program.code += `${text}\n`;
    }
  }
  return programs;
}

/** The READMEs of the repository: its own and one for each package and app. */
export function readmes(): string[] {
  return ['README.md', ...workspaces(ROOT).map((folder) => `${folder}/README.md`)].filter((path) =>
    existsSync(join(ROOT, path)),
  );
}

export function allPrograms(): Program[] {
  return readmes().flatMap((readme) => programsIn(readme, readFileSync(join(ROOT, readme), 'utf8')));
}
