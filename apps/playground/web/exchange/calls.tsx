import type { CallName, CallRecord, Outcome } from '../../src/serve/api.js';
import { milliseconds } from '../parts/bytes.js';
import { Explanation } from './explanation.js';

/** Every call that was made, with its outcome. */
export function Calls({ records, ended }: { records: readonly CallRecord[]; ended: boolean }) {
  if (records.length === 0) return null;
  const sorted = [...records].sort((a, b) => a.number - b.number);
  return (
    <section class="panel" aria-labelledby="calls-title">
      <h2 id="calls-title">Calls</h2>
      <ol class="calls">
        {sorted.map(({ number, call, code, outcome }) => (
          <li key={number} class={outcome?.ok === false ? 'failed' : undefined}>
            <code>{code}</code>
            <Result outcome={outcome} waits={!AT_ONCE.includes(call)} ended={ended} />
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Calls that do not wait, so that their duration means nothing. */
const AT_ONCE: readonly CallName[] = ['putRequest', 'putHeader', 'close'];

interface ResultProps {
  readonly outcome: Outcome | undefined;
  readonly waits: boolean;
  /** Whether the session has ended, and with it the call. */
  readonly ended: boolean;
}

function Result({ outcome, waits, ended }: ResultProps) {
  if (outcome === undefined) return <span class="result">{ended ? 'ended with the session' : 'waits…'}</span>;
  if (outcome.ok) {
    return (
      <span class="result">
        {outcome.value} {waits && <span class="time">{milliseconds(outcome.duration)}</span>}
      </span>
    );
  }
  return <Explanation error={outcome.error} />;
}
