import type { CallName, CallRecord, Outcome } from '../../src/serve/api.js';
import { milliseconds } from '../parts/bytes.js';
import { Explanation } from './explanation.js';

/** Every call that was made, with its outcome. */
export function Calls({ records }: { records: readonly CallRecord[] }) {
  if (records.length === 0) return null;
  const sorted = [...records].sort((a, b) => a.number - b.number);
  return (
    <section class="panel" aria-labelledby="calls-title">
      <h2 id="calls-title">Calls</h2>
      <ol class="calls">
        {sorted.map(({ number, call, code, outcome }) => (
          <li key={number} class={outcome?.ok === false ? 'failed' : undefined}>
            <code>{code}</code>
            <Result outcome={outcome} waits={!AT_ONCE.includes(call)} />
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Calls that do not wait, so that their duration means nothing. */
const AT_ONCE: readonly CallName[] = ['putRequest', 'putHeader', 'close'];

function Result({ outcome, waits }: { outcome: Outcome | undefined; waits: boolean }) {
  if (outcome === undefined) return <span class="result">waits…</span>;
  if (outcome.ok) {
    return (
      <span class="result">
        {outcome.value} {waits && <span class="time">{milliseconds(outcome.duration)}</span>}
      </span>
    );
  }
  return <Explanation error={outcome.error} />;
}
