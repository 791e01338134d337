import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import GithubSlugger from 'github-slugger';
import MarkdownIt from 'markdown-it';

type Token = ReturnType<MarkdownIt['parse']>[number];

const parser = new MarkdownIt({ html: true });

/** The links in a Markdown file, and the anchors that links can name, by GitHub's rules. */
export interface Linked {
  links: string[];
  anchors: Set<string>;
}

export function linkedIn(markdown: string): Linked {
  const slugger = new GithubSlugger();
  const links: string[] = [];
  const anchors = new Set<string>();
  const tokens = parser.parse(markdown, {});
  for (const [index, { type, children }] of tokens.entries()) {
    if (type !== 'inline' || children === null) continue;
    for (const token of children) {
      const target = token.attrGet('href') ?? token.attrGet('src');
      if (target !== null) links.push(target);
    }
    if (tokens[index - 1]?.type === 'heading_open') anchors.add(slugger.slug(textOf(children)));
  }
  return { links, anchors };
}

/** The text of a heading, as a reader sees it. */
function textOf(tokens: readonly Token[]): string {
  return tokens
    .map(({ type, content }) => (type === 'text' || type === 'code_inline' ? content : ''))
    .join('');
}

/** The broken links in the Markdown files at these paths from `root`, one sentence each. */
export function brokenLinks(root: string, files: readonly string[]): string[] {
  const read = new Map<string, Linked>();
  const linked = (path: string): Linked => {
    const known = read.get(path) ?? linkedIn(readFileSync(join(root, path), 'utf8'));
    read.set(path, known);
    return known;
  };
  return files.flatMap((file) =>
    linked(file).links.flatMap((link) => {
      // A web address: a test cannot depend on whether it exists today.
      if (/^[a-z]+:/i.test(link)) return [];
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? file : relative(root, join(root, dirname(file), decodeURI(path)));
      if (path.startsWith('/') || target.startsWith('..') || !existsSync(join(root, target))) {
        return [`${file}: ${link} leads nowhere`];
      }
      if (anchor === undefined || !target.endsWith('.md')) return [];
      return linked(target).anchors.has(anchor) ? [] : [`${file}: ${link} names no heading of ${target}`];
    }),
  );
}
