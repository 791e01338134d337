import { signal } from '@preact/signals';

import type { WireItem } from '../../src/serve/api.js';
import { count, hexLines, milliseconds, shown } from '../parts/bytes.js';
import { isNarrow } from '../parts/narrow.js';
import { groupsOf, PARTS, type WireGroup } from './wire-parts.js';

type Form = 'text' | 'hex';

const form = signal<Form>('text');

/** Every byte on the wire, labelled with its part. */
export function Wire({ items, untold }: { items: readonly WireItem[]; untold: number }) {
  if (items.length === 0) return null;
  const parts = new Set(items.map(({ part }) => part));
  return (
    <section class="panel" aria-labelledby="wire-title">
      <div class="title-row">
        <h2 id="wire-title">On the wire</h2>
        <FormChoice />
      </div>
      <ul class="legend" aria-label="Legend">
        {(Object.keys(PARTS) as (keyof typeof PARTS)[])
          .filter((part) => parts.has(part))
          .map((part) => (
            <li key={part} class={`part-${part}`}>
              <span class="part">{part}</span> {PARTS[part]}
            </li>
          ))}
      </ul>
      {groupsOf(items).map((group, index) => (
        <Group key={index} group={group} />
      ))}
      {untold > 0 && (
        <p class="hint">{untold.toLocaleString('en')} more ranges went over the wire, and are not shown.</p>
      )}
    </section>
  );
}

function FormChoice() {
  return (
    <fieldset class="segments">
      <legend class="unseen">Shown as</legend>
      {(['text', 'hex'] as const).map((each) => (
        <label key={each}>
          <input
            type="radio"
            name="form"
            checked={form.value === each}
            onChange={() => {
              form.value = each;
            }}
          />
          {each}
        </label>
      ))}
    </fieldset>
  );
}

function Group({ group: { direction, tunnel, items, size } }: { group: WireGroup }) {
  const peer = tunnel ? 'the proxy' : 'the server';
  return (
    <div class={`turn ${direction}`}>
      <h3>
        <span aria-hidden="true">{direction === 'sent' ? '→' : '←'}</span>{' '}
        {direction === 'sent' ? `Sent to ${peer}` : `Received from ${peer}`}
        <span class="hint">
          {count(size)}, at {milliseconds(items[0]?.time ?? 0)}
        </span>
      </h3>
      <ol class="wire">
        {items.map((item) => (
          <li key={item.offset} class={`part-${item.part}`}>
            <span class="part">{item.part}</span>
            {form.value === 'text' ? <TextBytes item={item} /> : <HexBytes item={item} />}
          </li>
        ))}
      </ol>
    </div>
  );
}

function TextBytes({ item: { data, size } }: { item: WireItem }) {
  const parts = shown(data);
  return (
    <code class="bytes">
      {parts.map(({ text, isControl }, index) =>
        isControl ? (
          <span key={index} class="control">
            {text}
            {text.endsWith('\\n') && index < parts.length - 1 ? <br /> : null}
          </span>
        ) : (
          text
        ),
      )}
      <Missing kept={data.length} size={size} />
    </code>
  );
}

function HexBytes({ item: { data, size, offset } }: { item: WireGroup['items'][number] }) {
  return (
    <code class="bytes">
      {hexLines(data, offset, isNarrow.value ? 8 : 16).map((line) => (
        <span key={line.offset} class="hex-line">
          <span class="offset">{line.offset}</span>
          <span class="digits">{line.hex}</span>
          <span class="text">{line.text}</span>
        </span>
      ))}
      <Missing kept={data.length} size={size} />
    </code>
  );
}

function Missing({ kept, size }: { kept: number; size: number }) {
  return kept === size ? null : <span class="missing"> … {count(size - kept)} more, not kept</span>;
}
