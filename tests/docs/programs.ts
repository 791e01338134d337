import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import MarkdownIt from 'markdown-it';

import { ROOT } from '../../scripts/workspaces.js';
import { markdownFiles } from './markdown.js';

/** A fenced block that counts as a program. */
export interface Program {
  /** The path of the Markdown file from the root, with forward slashes. */
  file: string;
  /** The number of its first line in the file, from 1. */
  line: number;
  language: 'ts' | 'python';
  code: string;
}

const LANGUAGES: Partial<Record<string, Program['language']>> = {
  ts: 'ts',
  typescript: 'ts',
  python: 'python',
};

/** Every fenced block in one of the languages, except those marked as a `fragment`. */
export function programsIn(file: string, markdown: string): Program[] {
  return new MarkdownIt().parse(markdown, {}).flatMap(({ type, info, content, map }) => {
    if (type !== 'fence' || map === null) return [];
    // The first word of an info string is the language. The others are our own, and are not rendered.
    const [name = '', ...words] = info.trim().split(/\s+/);
    const language = words.includes('fragment') ? undefined : LANGUAGES[name];
    // A token's lines are counted from 0, and begin with the fence.
    return language === undefined ? [] : [{ file, line: map[0] + 2, language, code: content }];
  });
}

/** The programs in all Markdown files of the repository. */
export function allPrograms(): Program[] {
  return markdownFiles().flatMap((file) => programsIn(file, readFileSync(join(ROOT, file), 'utf8')));
}

/** The expected output of a program: the comments after its printing statements, in order. */
export function printsOf({ code }: Program): string[] {
  return code
    .split('\n')
    .flatMap((line) => /^ *(?:console\.log|print)\(.*\);? +(?:\/\/|#) (.*)$/.exec(line)?.[1] ?? []);
}
