import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';

import type { Call, CallName } from '../../src/serve/api.js';
import {
  again,
  busy,
  compose,
  composition,
  done,
  exchange,
  legal,
  next,
  plan,
  runRest,
  startOver,
  step,
  stepAside,
} from '../store.js';
import { codeOf } from './code.js';

/** The controls for calls: the next step of the plan, all remaining steps, or any call. */
export function Stepper() {
  const call = next.value;
  const isBusy = busy.value;
  return (
    <section class="panel stepper" aria-labelledby="stepper-title" aria-busy={isBusy}>
      <h2 id="stepper-title">Step through it</h2>
      <Mode />
      <div class="run">
        <Action primary ready={!isBusy} act={call === undefined ? again : step}>
          {call === undefined ? 'Once more, on this connection' : <Next call={call} />}
        </Action>
        <Action ready={!isBusy && call !== undefined} act={runRest}>
          {done.value === 0 ? 'Run all' : 'Run the rest'}
        </Action>
        <Action ready={exchange.value !== undefined} act={startOver}>
          Start over
        </Action>
      </div>
      <p class="hint">
        {isBusy
          ? 'Waiting…'
          : call === undefined
            ? 'All steps are done.'
            : `Step ${done.value + 1} of ${plan.value.length}.`}{' '}
        Or make any call, even one that is out of order:
      </p>
      <AnyCall />
    </section>
  );
}

interface ActionProps {
  readonly primary?: boolean;
  readonly ready: boolean;
  readonly act: () => unknown;
  readonly children: ComponentChildren;
}

/** A button that keeps the focus while it cannot be used: a disabled one would lose it during each call. */
function Action({ primary, ready, act, children }: ActionProps) {
  return (
    <button
      type="button"
      class={primary === true ? 'primary' : undefined}
      aria-disabled={!ready}
      onClick={() => {
        if (ready) void act();
      }}
    >
      {children}
    </button>
  );
}

function Next({ call }: { call: Call }) {
  return (
    <>
      Next: <code>{codeOf(call)}</code>
    </>
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

/** Calls that are legal in every state. */
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
    { call: 'close' },
    { call: 'read', amount: amount.value },
  ];
  return (
    <div class="calls-row" role="group" aria-label="Any call">
      {calls.map((call) => (
        <CallButton key={codeOf(call)} call={call} />
      ))}
      <label class="check">
        <span class="hint">n:</span>
        <input
          class="small"
          type="number"
          min={0}
          aria-label="Bytes to read"
          value={amount.value}
          onInput={(event) => {
            const value = Math.trunc(event.currentTarget.valueAsNumber);
            if (value >= 0) amount.value = value;
          }}
        />
      </label>
    </div>
  );
}

function CallButton({ call }: { call: Call }) {
  const isLegal = isLegalNow(call.call);
  const label = call.call === 'read' && call.amount !== undefined ? `read(${call.amount})` : call.call;
  return (
    <button
      type="button"
      class={isLegal ? 'call' : 'call illegal'}
      title={codeOf(call)}
      onClick={() => void stepAside(call)}
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
