import type { Phase } from '../../src/serve/api.js';
import { milliseconds } from '../parts/bytes.js';
import { composition } from '../store.js';

/** What happens in each phase. */
const MEANINGS: Readonly<Record<Phase['name'], string>> = {
  connect: 'TCP',
  tunnel: 'CONNECT and its response',
  TLS: 'the handshake',
  send: 'the request, first byte to last',
  wait: 'until the head of the response',
  body: 'the rest of the response',
};

/** The time that each phase of the last exchange took. */
export function Timing({ phases }: { phases: readonly Phase[] }) {
  const total = phases.reduce((sum, phase) => sum + lengthOf(phase), 0);
  return (
    <section class="panel" aria-labelledby="timing-title">
      <div class="title-row">
        <h2 id="timing-title">Time</h2>
        <span class="hint">{milliseconds(total)} in all</span>
      </div>
      <div class="timing" aria-hidden="true">
        {phases.map((phase) => (
          <span key={phase.name} class={`phase phase-${phase.name}`} style={{ flexGrow: lengthOf(phase) }} />
        ))}
      </div>
      <dl class="phases">
        {phases.map((phase) => (
          <div key={phase.name} class={`phase-${phase.name}`}>
            <dt>{phase.name}</dt>
            <dd>
              <strong>{milliseconds(lengthOf(phase))}</strong>{' '}
              <span class="hint">{MEANINGS[phase.name]}</span>
            </dd>
          </div>
        ))}
      </dl>
      {!composition.value.whole && (
        <p class="hint">This includes your own pauses between steps, unless all of them are run at once.</p>
      )}
    </section>
  );
}

function lengthOf({ start, end }: Phase): number {
  return Math.max(0, end - start);
}
