import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from '../../scripts/workspaces.js';
import { markdownFiles } from './markdown.js';

/** A fenced block that counts as a program. */
export interface Program {
  /** The path of the Markdown file from the root, with forward slashes. */
  file: string;
  /** The line of its first statement, from 1 up. */
  line: number;
  language: 'ts' | 'python';
  code: string;
}

// The first word of an info string names the language; the words after it are ours, and nothing shows them.
const FENCE = /^(?<marks>`{3,}|~{3,})[ \t]*(?<info>.*)$/;

const LANGUAGES: Partial<Record<string, Program['language']>> = {
  ts: 'ts',
  typescript: 'ts',
  python: 'python',
};

/** Every fenced block in one of the languages that does not say that it is a `fragment`. */
export function programsIn(file: string, markdown: string): Program[] {
  const programs: Program[] = [];
  let open: { marks: string; program: Program | undefined } | undefined;
  for (const [index, text] of markdown.split(/\r?\n/).entries()) {
    const { marks = '', info = '' } = FENCE.exec(text)?.groups ?? {};
    if (open === undefined) {
      if (marks === '') continue;
      const [name = '', ...words] = info.trim().split(/\s+/);
      const language = words.includes('fragment') ? undefined : LANGUAGES[name];
      const program = language && { file, line: index + 2, language, code: '' };
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

export function allPrograms(): Program[] {
  return markdownFiles().flatMap((file) => programsIn(file, readFileSync(join(ROOT, file), 'utf8')));
}

/** What a program says that it prints: the comment behind a line that does so. */
export function printsOf({ code }: Program): string[] {
  return code
    .split('\n')
    .flatMap((line) => /^ *(?:console\.log|print)\(.*\);? +(?:\/\/|#) (.*)$/.exec(line)?.[1] ?? []);
}
