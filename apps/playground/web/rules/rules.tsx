import { sections } from './behaviour.js';
import { useEffect } from 'preact/hooks';

import { place } from '../store.js';
import type { Inline, RuleBlock, RuleRow } from './document.js';

/** docs/behaviour.md, scrolled to the row that the address names. */
export function Rules() {
  const { rule } = place.value;
  useEffect(() => {
    const row = rule === undefined ? null : document.getElementById(rule);
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: 'center' });
  }, [rule]);
  return (
    <main id="main" class="prose" tabIndex={-1}>
      <h1>The rules</h1>
      <p class="lede">
        What the connection does with everything that it may receive, case by case. This is docs/behaviour.md
        of the repository.
      </p>
      <nav aria-label="Sections" class="sections">
        {sections.map(({ id, title }) => (
          <a key={id} href={`#rules=${id}`}>
            {title}
          </a>
        ))}
      </nav>
      {sections.map(({ id, title, depth, blocks }) => (
        <div key={id} class="rules">
          {depth === 2 ? (
            <h2 id={id} tabIndex={-1}>
              {title}
            </h2>
          ) : (
            <h3 id={id} tabIndex={-1}>
              {title}
            </h3>
          )}
          {blocks.map((block, index) => (
            <Block key={index} block={block} title={title} meant={rule} />
          ))}
        </div>
      ))}
    </main>
  );
}

function Block({ block, title, meant }: { block: RuleBlock; title: string; meant: string | undefined }) {
  switch (block.type) {
    case 'paragraph':
      return (
        <p>
          <Text inlines={block.text} />
        </p>
      );
    case 'list':
      return (
        <ul>
          {block.items.map((item, index) => (
            <li key={index}>
              <Text inlines={item} />
            </li>
          ))}
        </ul>
      );
    case 'table':
      return (
        // It may scroll sideways, and so must be focusable by keyboard.
        <div class="scroll" role="region" aria-label={title} tabIndex={0}>
          <table>
            <thead>
              <tr>
                {block.head.map((cell, index) => (
                  <th key={index} scope="col">
                    <Text inlines={cell} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {block.rows.map((row) => (
                <Row key={row.id} row={row} isMeant={row.id === meant} />
              ))}
            </tbody>
          </table>
        </div>
      );
  }
}

function Row({ row, isMeant }: { row: RuleRow; isMeant: boolean }) {
  return (
    <tr
      id={row.id}
      tabIndex={-1}
      class={isMeant ? 'meant' : undefined}
      aria-current={isMeant ? 'true' : undefined}
    >
      {row.cells.map((cell, index) => (
        <td key={index}>
          <Text inlines={cell} />
        </td>
      ))}
    </tr>
  );
}

function Text({ inlines }: { inlines: readonly Inline[] }) {
  return (
    <>
      {inlines.map((inline, index) =>
        'code' in inline ? <code key={index}>{inline.code}</code> : inline.text,
      )}
    </>
  );
}
