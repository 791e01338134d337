import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { decodeHTML } from 'entities';
import { lexer, type Token, type Tokens } from 'marked';
import type { Plugin } from 'vite';

import type { Inline, RuleBlock, RuleSection } from './web/rules/document.js';

const ID = 'virtual:behaviour';
const FILE = fileURLToPath(new URL('../../docs/behaviour.md', import.meta.url));

/** Provides docs/behaviour.md to the page as data, so that the page needs no parser and turns no text into markup. */
export function behaviour(): Plugin {
  return {
    name: 'behaviour',
    resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
    load(id) {
      if (id !== `\0${ID}`) return undefined;
      this.addWatchFile(FILE);
      return `export default ${JSON.stringify(sectionsOf(readFileSync(FILE, 'utf8')))}`;
    },
  };
}

/** The sections of a document: one for each heading below the first level. */
export function sectionsOf(markdown: string): RuleSection[] {
  const sections: (RuleSection & { blocks: RuleBlock[] })[] = [];
  for (const token of lexer(markdown)) {
    if (token.type === 'heading') {
      const { depth, text } = token as Tokens.Heading;
      if (depth > 1) sections.push({ id: slug(text), title: text.replaceAll('`', ''), depth, blocks: [] });
    } else {
      sections.at(-1)?.blocks.push(...blockOf(token, sections.at(-1)?.id ?? ''));
    }
  }
  return sections;
}

function blockOf(token: Token, section: string): RuleBlock[] {
  switch (token.type) {
    case 'paragraph':
      return [{ type: 'paragraph', text: inlinesOf((token as Tokens.Paragraph).tokens) }];
    case 'list':
      return [{ type: 'list', items: (token as Tokens.List).items.map((item) => inlinesOf(item.tokens)) }];
    case 'table': {
      const { header, rows } = token as Tokens.Table;
      return [
        {
          type: 'table',
          head: header.map(({ tokens }) => inlinesOf(tokens)),
          rows: rows.map((row, index) => ({
            id: `${section}-${index + 1}`,
            cells: row.map(({ tokens }) => inlinesOf(tokens)),
          })),
        },
      ];
    }
    case 'space':
      return [];
    default:
      throw new Error(`docs/behaviour.md has a ${token.type}, which the page cannot show`);
  }
}

/** The parser escapes its texts for HTML, which is undone here. */
function inlinesOf(tokens: readonly Token[]): Inline[] {
  return tokens.flatMap((token): Inline[] => {
    if (token.type === 'codespan') return [{ code: decodeHTML((token as Tokens.Codespan).text) }];
    // Only the text of links: their targets are in the repository, and not served here.
    if ('tokens' in token && token.tokens !== undefined) return inlinesOf(token.tokens);
    return [{ text: decodeHTML((token as Tokens.Text).text) }];
  });
}

function slug(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z]+/g, '-')
    .replace(/^-|-$/g, '');
}
