import { signal } from '@preact/signals';

import type { JudgeRequest, Verdict } from '../../src/serve/api.js';
import { announcement, exchange, hello, judge } from '../store.js';
import { lastResponse } from '../exchange/received.js';
import { fromNotation, toNotation } from './notation.js';
import { Verdicts } from './verdicts.js';

const text = signal<string | undefined>(undefined);
/** The methods of the request that a response can be judged for. Any other makes no difference from GET. */
const METHODS = ['GET', 'HEAD', 'POST', 'CONNECT'];

/** The name of the response that was chosen; empty for the last one received. */
const chosen = signal<string | undefined>(undefined);
const method = signal('GET');
const problem = signal<string | undefined>(undefined);
const verdicts = signal<readonly Verdict[]>([]);

/** One response, read in all modes side by side. */
export function Compare() {
  const answers = hello.value?.answers ?? [];
  text.value ??= toNotation(answers[1]?.bytes ?? '');
  chosen.value ??= answers[1]?.name;
  const last = lastResponse(exchange.value);
  return (
    <main id="main" class="compare" tabIndex={-1}>
      <h1>The same bytes, judged in every way</h1>
      <p class="lede">
        Where two recipients read one stream in two ways, whoever wrote it can hide one message in another.
        This is how strict, lenient and each single rule of <code>tolerate</code> read the same response.
      </p>
      <form
        class="panel"
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <div class="line">
          <label class="grow">
            Start from
            <select
              value={chosen.value}
              onChange={(event) => {
                chosen.value = event.currentTarget.value;
                const answer = answers.find(({ name }) => name === chosen.value);
                take(answer === undefined ? last : { bytes: answer.bytes, method: 'GET' });
              }}
            >
              {answers.map(({ name, title }) => (
                <option key={name} value={name}>
                  {title}
                </option>
              ))}
              {(last !== undefined || chosen.value === '') && (
                <option value="">The last response received</option>
              )}
            </select>
          </label>
          <label>
            Request method
            <select
              value={method.value}
              onChange={(event) => {
                method.value = event.currentTarget.value;
              }}
            >
              {METHODS.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </label>
        </div>
        <label>
          Response bytes
          <textarea
            class="mono"
            rows={9}
            spellcheck={false}
            value={text.value}
            aria-describedby="notation"
            onInput={(event) => {
              text.value = event.currentTarget.value;
            }}
          />
        </label>
        <p class="hint" id="notation">
          <code>\r</code>, <code>\n</code>, <code>\t</code>, <code>\\</code> and <code>\x00</code> stand for
          bytes; line breaks in this field are ignored. The peer closes after the last byte.
        </p>
        {problem.value !== undefined && (
          <p class="trouble" role="alert">
            {problem.value}
          </p>
        )}
        <button class="primary">Judge it</button>
      </form>
      {verdicts.value.length > 0 && <Verdicts verdicts={verdicts.value} />}
    </main>
  );
}

function take(response: JudgeRequest | undefined): void {
  if (response === undefined) return;
  text.value = toNotation(response.bytes);
  method.value = METHODS.includes(response.method) ? response.method : 'GET';
  void run();
}

async function run(): Promise<void> {
  problem.value = undefined;
  try {
    verdicts.value = await judge({ bytes: fromNotation(text.value ?? ''), method: method.value });
    announcement.value = verdicts.value
      .slice(0, 2)
      .map(({ judge, error }) => `${judge}: ${error === undefined ? 'accepted' : 'rejected'}`)
      .join(', ');
  } catch (error) {
    verdicts.value = [];
    problem.value = error instanceof Error ? error.message : String(error);
  }
}
