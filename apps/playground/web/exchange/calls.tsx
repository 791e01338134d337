import type { CallRecord, Outcome } from '../../src/serve/api.js';
import { milliseconds } from '../parts/bytes.js';
import { Explanation } from './explanation.js';

/** Every call that was made, and what came of it. */
export function Calls({ records }: { records: readonly CallRecord[] }) {
  if (records.length === 0) return null;
  const sorted = [...records].sort((a, b) => a.number - b.number);
  return (
    <section class="panel" aria-labelledby="calls-title">
      <h2 id="calls-title">Calls</h2>
      <ol class="calls">
        {sorted.map(({ number, code, outcome }) => (
          <li key={number} class={outcome?.ok === false ? 'failed' : undefined}>
            <code>{code}</code>
            <Result outcome={outcome} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Result({ outcome }: { outcome: Outcome | undefined }) {
  if (outcome === undefined) return <span class="result">waits…</span>;
  if (outcome.ok) {
    return (
      <span class="result">
        {outcome.value} <span class="time">{milliseconds(outcome.duration)}</span>
      </span>
    );
  }
  return <Explanation error={outcome.error} />;
}
