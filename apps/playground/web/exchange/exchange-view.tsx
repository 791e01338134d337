import { Composer } from '../compose/composer.js';
import { exchange } from '../store.js';
import { Calls } from './calls.js';
import { Diagram } from './diagram.js';
import { ResponseView } from './response-view.js';
import { Stepper } from './stepper.js';
import { Timing } from './timing.js';
import { Wire } from './wire.js';

/** The composed request on one side, the exchange on the other. */
export function ExchangeView() {
  const { view, wire = [], records = [], ended } = exchange.value ?? {};
  return (
    <main id="main" class="exchange" tabIndex={-1}>
      <h1 class="unseen">An exchange, step by step</h1>
      <Composer />
      <div class="happening">
        <Stepper />
        {ended !== undefined && (
          <p class="trouble" role="alert">
            The session has ended: {ended}. The next call begins a new one.
          </p>
        )}
        <Diagram />
        <Calls records={records} ended={ended !== undefined} />
        <Wire items={wire} untold={view?.untold ?? 0} />
        {view !== undefined && view.timing.length > 0 && <Timing phases={view.timing} />}
        {view?.response !== undefined && <ResponseView response={view.response} connected={view.connected} />}
      </div>
    </main>
  );
}
