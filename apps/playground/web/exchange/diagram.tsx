import { computed } from '@preact/signals';

import { isNarrow } from '../parts/narrow.js';
import { exchange, hello, legal, state } from '../store.js';
import { everywhere, layoutOf, type Box, type Edge, type State } from './diagram-layout.js';

const layout = computed(() => {
  const { transitions } = hello.value ?? {};
  return transitions === undefined ? undefined : layoutOf(transitions, isNarrow.value);
});

/** The state diagram, drawn from the table that the connection uses, with its state and the legal events marked. */
export function Diagram() {
  const { transitions } = hello.value ?? {};
  const now = state.value;
  if (transitions === undefined || layout.value === undefined) return null;
  const { width, height, boxes, edges } = layout.value;
  const connected = exchange.value?.view?.connected ?? false;
  return (
    <section class="panel diagram" aria-labelledby="diagram-title">
      <h2 id="diagram-title">State</h2>
      <p class="standing">
        <strong>{now}</strong>
        <span class="tag">{connected ? 'connected' : 'not connected'}</span>
        <span class="hint">
          Legal now: {legal.value.filter((event) => !['response', 'end'].includes(event)).join(', ')}
        </span>
      </p>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`The states of a connection; it is ${now}`}
      >
        <defs>
          <Arrow id="arrow" />
          <Arrow id="arrow-legal" />
        </defs>
        {edges.map((edge) => (
          <Line key={`${edge.from} ${edge.to}`} edge={edge} isLegal={edge.from === now} />
        ))}
        {(Object.entries(boxes) as [State, Box][]).map(([each, box]) => (
          <StateBox key={each} name={each} box={box} isNow={each === now} />
        ))}
      </svg>
      <p class="hint">
        {everywhere(transitions)
          .map(([event, to]) => `${event} leads to ${to} from every state`)
          .join('; ')}
        .
      </p>
    </section>
  );
}

function Arrow({ id }: { id: string }) {
  return (
    <marker id={id} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
      <path d="M0 0 L8 4 L0 8 z" />
    </marker>
  );
}

function Line({ edge: { path, label, events }, isLegal }: { edge: Edge; isLegal: boolean }) {
  return (
    <g class={isLegal ? 'edge legal' : 'edge'}>
      <path d={path} marker-end={`url(#${isLegal ? 'arrow-legal' : 'arrow'})`} />
      <text x={label.x} y={label.y} text-anchor={label.anchor}>
        {events.join(', ')}
      </text>
    </g>
  );
}

function StateBox({ name, box: { x, y, width, height }, isNow }: { name: State; box: Box; isNow: boolean }) {
  const [first = name, second] = name.split(/-(?=unread)/);
  return (
    <g class={isNow ? 'state now' : 'state'}>
      <rect x={x - width / 2} y={y - height / 2} width={width} height={height} rx={10} />
      <text x={x} y={second === undefined ? y + 4 : y - 4} text-anchor="middle">
        {first}
      </text>
      {second !== undefined && (
        <text class="second" x={x} y={y + 12} text-anchor="middle">
          {`-${second}`}
        </text>
      )}
    </g>
  );
}
