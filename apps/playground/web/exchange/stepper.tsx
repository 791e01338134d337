import { useSignal } from '@preact/signals';

import type { Call, CallName } from '../../src/serve/api.js';
import {
  again,
  busy,
  compose,
  composition,
  done,
  exchange,
  legal,
  make,
  next,
  plan,
  runRest,
  startOver,
  step,
} from '../store.js';
import { codeOf } from './code.js';

/** What can be called: the next step of the plan, all that are left, or anything at all. */
export function Stepper() {
  const call = next.value;
  const isBusy = busy.value;
  return (
    <section class="panel stepper" aria-labelledby="stepper-title">
      <h2 id="stepper-title">Step through it</h2>
      <Mode />
      <div class="run">
        {call === undefined ? (
          <button type="button" class="primary" onClick={again}>
            Once more, on this connection
          </button>
        ) : (
          <button type="button" class="primary" disabled={isBusy} onClick={() => void step()}>
            Next: <code>{codeOf(call)}</code>
          </button>
        )}
        <button type="button" disabled={isBusy || call === undefined} onClick={() => void runRest()}>
          {done.value === 0 ? 'Run it whole' : 'Run the rest'}
        </button>
        <button type="button" disabled={exchange.value === undefined} onClick={startOver}>
          Start over
        </button>
      </div>
      <p class="hint">
        {isBusy
          ? 'Waiting…'
          : call === undefined
            ? 'The plan is done.'
            : `Step ${done.value + 1} of ${plan.value.length}.`}{' '}
        Or make any call, also one that is out of order:
      </p>
      <AnyCall />
    </section>
  );
}

function Mode() {
  const { whole } = composition.value;
  return (
    <fieldset class="mode">
      <legend class="unseen">How the request is sent</legend>
      <label class="check">
        <input
          type="radio"
          name="whole"
          checked={!whole}
          onChange={() => {
            compose({ whole: false });
          }}
        />
        <span>
          <code>putRequest</code>, <code>putHeader</code>, …
        </span>
      </label>
      <label class="check">
        <input
          type="radio"
          name="whole"
          checked={whole}
          onChange={() => {
            compose({ whole: true });
          }}
        />
        <span>
          all in one <code>request</code>
        </span>
      </label>
    </fieldset>
  );
}

/** Calls that have a place in each state, as far as the table of states knows. */
const ANYWHERE: readonly CallName[] = ['connect', 'close'];

function AnyCall() {
  const amount = useSignal(16);
  const { method, target, body } = composition.value;
  const header = plan.value.slice(done.value).find(({ call }) => call === 'putHeader');
  const calls: Call[] = [
    { call: 'connect' },
    { call: 'putRequest', method, target },
    header ?? { call: 'putHeader', name: 'X-Extra', value: 'yes' },
    { call: 'endHeaders' },
    { call: 'send', data: body === '' ? 'a body\n' : body },
    { call: 'getResponse' },
    { call: 'read' },
    { call: 'read', amount: amount.value },
    { call: 'close' },
  ];
  return (
    <div class="calls-row" role="group" aria-label="Any call">
      {calls.map((call) => (
        <CallButton key={codeOf(call)} call={call} />
      ))}
      <label class="check">
        n
        <input
          class="small"
          type="number"
          min={0}
          aria-label="Bytes to read"
          value={amount.value}
          onInput={(event) => {
            amount.value = Math.max(0, Math.trunc(event.currentTarget.valueAsNumber || 0));
          }}
        />
      </label>
    </div>
  );
}

function CallButton({ call }: { call: Call }) {
  const isLegal = isLegalNow(call.call);
  const label = call.call === 'read' && call.amount !== undefined ? `read(${call.amount})` : call.call;
  const perform = async (): Promise<void> => {
    const isNext = JSON.stringify(call) === JSON.stringify(next.value);
    if (isNext) await step();
    else await make(call);
  };
  return (
    <button
      type="button"
      class={isLegal ? 'call' : 'call illegal'}
      title={codeOf(call)}
      onClick={() => void perform()}
    >
      {label}
      {!isLegal && <span class="unseen"> (out of order now)</span>}
    </button>
  );
}

function isLegalNow(call: CallName): boolean {
  if (ANYWHERE.includes(call)) return true;
  if (call === 'read') return exchange.value?.view?.response !== undefined;
  return legal.value.includes(call);
}
