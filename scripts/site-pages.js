import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import { renderMermaidSVG } from 'beautiful-mermaid';
import { Converter, MinimalSourceFile, PageEvent, ReflectionKind, normalizePath } from 'typedoc';

import { ROOT } from './workspaces.js';

const MEMBERS = ReflectionKind.Property | ReflectionKind.CallSignature | ReflectionKind.ConstructorSignature;

/**
 * A plugin for TypeDoc that makes pages of this repository's files as they are. A document is named by its title and
 * grouped by its folder. A module is named by its package and begins with its README. Mermaid diagrams are rendered.
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
  converter.on(Converter.EVENT_CREATE_DECLARATION, (_, module) => {
    if (!module.kindOf(ReflectionKind.Module)) return;
    const source = module.project.files.getReflectionPath(module);
    if (source === undefined) return;
    const folder = dirname(dirname(source));
    const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const entry = source.endsWith('/index.ts')
      ? ''
      : `/${relative(dirname(source), source).slice(0, -'.ts'.length)}`;
    module.name = name + entry;
    if (entry !== '') return;
    const readme = normalizePath(join(folder, 'README.md'));
    if (!existsSync(readme)) return;
    const { content } = converter.parseRawComment(
      new MinimalSourceFile(readFileSync(readme, 'utf8'), readme),
      module.project.files,
    );
    // TypeDoc gives the page of a module a title already.
    const title = titleOf(content);
    if (title !== null && content[0] !== undefined) content[0].text = content[0].text.slice(title[0].length);
    module.readme = content;
    module.project.files.registerReflectionPath(readme, module);
    module.project.files.registerReflectionPath(normalizePath(folder), module);
  });
  converter.on(Converter.EVENT_END, ({ project }) => {
    // An inline type is documented as a whole where it is used: its members need no comments.
    const names = Object.values(project.reflections)
      .filter((reflection) => reflection.kindOf(MEMBERS) && isInline(reflection) && !reflection.hasComment())
      .map((reflection) => reflection.getFriendlyFullName());
    app.options.setValue('intentionallyNotDocumented', [...new Set(names)]);
  });
  app.renderer.on(PageEvent.END, (page) => {
    if (page.contents === undefined) return;
    page.contents = page.contents
      // TypeDoc omits `index.html`, which a server would add; someone who opens the files has no server.
      .replaceAll(/href="((?:\.\.\/)+)#/g, 'href="$1index.html#')
      .replaceAll(/<pre><code class="mermaid">(.*?)<\/code>.*?<\/pre>/gs, (_, code) => drawn(code));
  });
}

/**
 * Renders a diagram in the colours of the page.
 *
 * @param {string} code Mermaid code, as it is in the HTML
 */
function drawn(code) {
  const svg = renderMermaidSVG(code, {
    bg: 'var(--color-background)',
    fg: 'var(--color-text)',
    transparent: true,
  });
  const shown = svg
    // Otherwise it would load a font from a server.
    .replaceAll(/@import .*?;\n/g, '')
    .replaceAll(/(<polyline class="edge"[^>]* points=")([^"]*)/g, (_, start, points) => start + led(points));
  return `<div class="diagram">${shown}</div>`;
}

/** The space that an arrowhead needs above a box. */
const APPROACH = 12;

/**
 * Corrects a line that the layout has laid along the upper edge of its target box: there is no room for its arrowhead.
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
 * Makes code in a heading count as text: TypeDoc leaves it out of the page's table of contents and of the anchor.
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
 * Whether this is part of an inline type. TypeDoc itself does not require comments on parameters.
 *
 * @param {import('typedoc').Reflection} reflection
 */
function isInline(reflection) {
  // The signature of a function type is the type itself.
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
