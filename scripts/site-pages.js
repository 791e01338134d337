import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import { renderMermaidSVG } from 'beautiful-mermaid';
import { Converter, MinimalSourceFile, PageEvent, ReflectionKind, normalizePath } from 'typedoc';

import { ROOT } from './workspaces.js';

const MEMBERS = ReflectionKind.Property | ReflectionKind.CallSignature | ReflectionKind.ConstructorSignature;

/**
 * A plugin for TypeDoc that makes pages of this repository's files as they are: a document is called by its own
 * title and stands in the group of its folder; a module is called by its package's name and opens with its README; a
 * diagram is drawn.
 *
 * @param {import('typedoc').Application} app
 */
export function pages(app) {
  const { converter } = app;
  converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, document) => {
    const path = document.project.files.getReflectionPath(document);
    document.name = titleOf(document.content)?.[1] ?? document.name;
    document.frontmatter['group'] = groupOf(relative(ROOT, path ?? ''));
  });
  converter.on(Converter.EVENT_CREATE_DECLARATION, (context, module) => {
    if (!module.kindOf(ReflectionKind.Module)) return;
    const source = module.project.files.getReflectionPath(module);
    if (source === undefined) return;
    const folder = dirname(dirname(source));
    const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const entry = source.endsWith('/index.ts')
      ? ''
      : `/${relative(dirname(source), source).slice(0, -'.ts'.length)}`;
    module.name = name + entry;
    module.packageName = name;
    if (entry !== '') return;
    const readme = normalizePath(join(folder, 'README.md'));
    if (!existsSync(readme)) return;
    const { content } = converter.parseRawComment(
      new MinimalSourceFile(readFileSync(readme, 'utf8'), readme),
      module.project.files,
    );
    // The page of a module has a title of its own.
    const title = titleOf(content);
    if (title !== null && content[0] !== undefined) content[0].text = content[0].text.slice(title[0].length);
    module.readme = content;
    module.project.files.registerReflectionPath(readme, module);
    module.project.files.registerReflectionPath(normalizePath(folder), module);
  });
  converter.on(Converter.EVENT_END, ({ project }) => {
    // A type that is written out where it is used is explained there, as a whole.
    const names = Object.values(project.reflections)
      .filter((reflection) => reflection.kindOf(MEMBERS) && isInline(reflection) && !reflection.hasComment())
      .map((reflection) => reflection.getFriendlyFullName());
    app.options.setValue('intentionallyNotDocumented', [...new Set(names)]);
  });
  app.renderer.on(PageEvent.END, (page) => {
    page.contents = page.contents
      // TypeDoc leaves out the name of the first page, which a server adds; who opens the files has none.
      ?.replaceAll(/href="((?:\.\.\/)+)#/g, 'href="$1index.html#')
      .replaceAll(/<pre><code class="mermaid">(.*?)<\/code>.*?<\/pre>/gs, (_, code) => drawn(code));
  });
}

/**
 * A diagram in the colours of the page.
 *
 * @param {string} code Mermaid's, as HTML has it
 */
function drawn(code) {
  const svg = renderMermaidSVG(code, {
    bg: 'var(--color-background)',
    fg: 'var(--color-text)',
    transparent: true,
  });
  const shown = svg
    // It would load a font from a server.
    .replaceAll(/@import .*?;\n/g, '')
    .replaceAll(/(<polyline class="edge"[^>]* points=")([^"]*)/g, (_, start, points) => start + led(points));
  return `<div class="diagram">${shown}</div>`;
}

/** What the head of an arrow needs in front of a box. */
const APPROACH = 12;

/**
 * A line that the layout has put on the upper edge of the box that it leads to: the head of its arrow would be lost.
 *
 * @param {string} points
 */
function led(points) {
  const corners = points.split(' ').map((point) => point.split(',').map(Number));
  const [before, corner, end] = /** @type {[number, number][]} */ (corners.slice(-3));
  if (before && corner && end && corner[0] === end[0] && Math.abs(corner[1] - end[1]) < 1) {
    before[1] = corner[1] = end[1] - APPROACH;
  }
  return corners.join(' ');
}

/**
 * Has what is code in a heading count as its text: TypeDoc leaves it out of the contents of the page, and of the name
 * that links lead to.
 *
 * @param {import('markdown-it').default} parser
 */
export function headings(parser) {
  parser.core.ruler.push('heading-code', ({ tokens, Token }) => {
    for (const [index, { type }] of tokens.entries()) {
      const inline = tokens[index + 1];
      if (type !== 'heading_open' || !inline?.children) continue;
      inline.children = inline.children.flatMap((child) => {
        if (child.type !== 'code_inline') return [child];
        const parts = ['<code>', child.content, '</code>'].map((content) => {
          const part = new Token('html_inline', '', 0);
          part.content = content;
          return part;
        });
        if (parts[1]) parts[1].type = 'text';
        return parts;
      });
    }
  });
}

/**
 * Whether this is a part of a type without a name; TypeDoc asks nothing of parameters itself.
 *
 * @param {import('typedoc').Reflection} reflection
 */
function isInline(reflection) {
  // The signature of a function type is its type.
  if (reflection.kindOf(ReflectionKind.CallSignature) && reflection.name === '__type') return false;
  let inline = false;
  for (let { parent } = reflection; parent !== undefined; { parent } = parent) {
    if (parent.kindOf(ReflectionKind.Parameter)) return false;
    inline ||= parent.kindOf(ReflectionKind.TypeLiteral);
  }
  return inline;
}

/** @param {string} path */
function groupOf(path) {
  if (path.startsWith('docs/guides/')) return 'Guides';
  return path.startsWith('docs/') ? 'In full' : 'The project';
}

/** @param {import('typedoc').CommentDisplayPart[]} content */
function titleOf([first]) {
  return first?.kind === 'text' ? /^\s*# (.+)\n+/.exec(first.text) : null;
}
