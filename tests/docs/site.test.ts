import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { decodeHTML } from 'entities';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { LAYERS } from '../../layers.js';
import { ROOT } from '../../scripts/workspaces.js';
import { newFolder } from '../support/folders.js';

let site: string;
let made: ReturnType<typeof spawnSync>;
beforeAll(() => {
  site = newFolder();
  made = spawnSync('npm', ['run', '--silent', 'docs', '--', '--out', site], {
    cwd: ROOT,
    encoding: 'utf8',
  });
});
afterAll(() => {
  rmSync(site, { recursive: true });
});

test('the site builds without warnings', () => {
  const said = `${String(made.stdout)}${String(made.stderr)}`;
  expect(said).not.toMatch(/warning/i);
  expect(made.status, said).toBe(0);
});

test('it has every package, every guide and every page of docs', () => {
  const index = readFileSync(join(site, 'modules.html'), 'utf8');
  const titles = ['docs', 'docs/guides'].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => /^# (.+)$/m.exec(readFileSync(join(ROOT, folder, name), 'utf8'))?.[1] ?? name),
  );
  expect(titles.length).toBeGreaterThan(5);
  const plain = textOf(index);
  for (const name of [...LAYERS.map((layer) => `@http-client/${layer}`), ...titles])
    expect(plain).toContain(name);
});

test('diagrams are rendered, without requests to other hosts', () => {
  const page = readFileSync(join(site, 'documents/Architecture.html'), 'utf8');
  const diagrams = [...page.matchAll(/<svg [^>]*viewBox[^]*?<\/svg>/g)]
    .map(([svg]) => svg)
    .filter((svg) => svg.includes('class="edge"'));
  expect(diagrams).toHaveLength(2);
  const [layers = '', states = ''] = diagrams.map(textOf);
  for (const name of LAYERS) expect(layers).toContain(name);
  for (const word of ['Idle', 'Request-sent-unread-response', 'endHeaders']) expect(states).toContain(word);
  expect(page).not.toMatch(/class="mermaid"|@import|<(?:script|link|img)[^>]*="https?:/);
});

test('a line of a diagram has room for its arrowhead', () => {
  const page = readFileSync(join(site, 'documents/Architecture.html'), 'utf8');
  const lines = [
    ...page.matchAll(/<polyline class="edge" data-from="(\w+)" data-to="(?!\1")\w+"[^>]* points="([^"]*)"/g),
  ].map(([, , points = '']) => points.split(' ').map((point) => point.split(',').map(Number)));
  expect(lines.length).toBeGreaterThan(15);
  for (const line of lines) {
    const [[x1 = 0, y1 = 0] = [], [x2 = 0, y2 = 0] = []] = line.slice(-2);
    expect(Math.hypot(x1 - x2, y1 - y2)).toBeGreaterThan(8);
  }
});

test('code in a heading counts as its text', () => {
  const page = readFileSync(join(site, 'documents/Behaviour.html'), 'utf8');
  expect(page).toMatch(/<h3 id="the-rules-of-tolerate"[^>]*>The rules of <code>tolerate<\/code>/);
  const links = [...page.matchAll(/<a href="#the-rules-of-tolerate"[^>]*>(.*?)<\/a>/g)].map(([, html = '']) =>
    textOf(html),
  );
  expect(links).toContain('The rules of tolerate');
});

test('it has no broken link', () => {
  const pages = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.html'),
  );
  expect(pages.length).toBeGreaterThan(100);
  const ids = new Map<string, Set<string>>();
  const idsOf = (path: string): Set<string> => {
    const known = ids.get(path) ?? new Set(attributes(readFileSync(join(site, path), 'utf8'), 'id'));
    ids.set(path, known);
    return known;
  };
  const broken = pages.flatMap((page) =>
    attributes(readFileSync(join(site, page), 'utf8'), 'href|src').flatMap((link) => {
      if (/^(?:[a-z]+:|#$)/i.test(link)) return [];
      const [path = '', anchor = ''] = link.split('#');
      const [file = ''] = decodeURI(path).split('?');
      const target = file === '' ? page : join(dirname(page), file);
      if (!existsSync(join(site, target)) || statSync(join(site, target)).isDirectory()) {
        return [`${page}: ${link} leads nowhere`];
      }
      if (anchor === '' || !target.endsWith('.html')) return [];
      return idsOf(target).has(decodeURIComponent(anchor)) ? [] : [`${page}: ${link} has no such place`];
    }),
  );
  expect(broken).toEqual([]);
});

function attributes(html: string, names: string): string[] {
  return [...html.matchAll(new RegExp(`\\s(?:${names})="([^"]*)"`, 'g'))].map(([, value = '']) =>
    decodeHTML(value),
  );
}

/** The text that a reader sees; `<wbr>` within names is removed. */
function textOf(html: string): string {
  return decodeHTML(html.replaceAll(/<[^>]*>/g, ''));
}
