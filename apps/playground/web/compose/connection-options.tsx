import type { Settings } from '../../src/serve/api.js';
import { composition, connectWith, hello } from '../store.js';

/** How the connection is made, and how responses are read. */
export function ConnectionOptions() {
  const { strict, tolerate, timeout } = composition.value.settings;
  return (
    <details>
      <summary>
        Connection
        <span class="hint">
          {' '}
          {strict ? 'strict' : 'lenient'}
          {strict && tolerate.length > 0 ? `, except for ${tolerate.length}` : ''}
        </span>
      </summary>
      <fieldset class="judging">
        <legend>Responses are read</legend>
        <label class="check">
          <input
            type="radio"
            name="strict"
            checked={strict}
            onChange={() => {
              connectWith({ strict: true });
            }}
          />
          strictly, by RFC 9110 and 9112
        </label>
        <label class="check">
          <input
            type="radio"
            name="strict"
            checked={!strict}
            onChange={() => {
              connectWith({ strict: false });
            }}
          />
          leniently, as Python does
        </label>
      </fieldset>
      {strict && <Tolerances tolerate={tolerate} />}
      <Proxy />
      <Trust />
      <label>
        Timeout of each wait, in milliseconds
        <input
          type="number"
          min={1}
          max={hello.value?.limits.callTime}
          value={timeout}
          onInput={(event) => {
            const value = Math.trunc(event.currentTarget.valueAsNumber);
            if (value >= 1) connectWith({ timeout: value });
          }}
        />
      </label>
    </details>
  );
}

function Tolerances({ tolerate }: { tolerate: readonly string[] }) {
  return (
    <fieldset class="tolerances">
      <legend>except for these rules</legend>
      {hello.value?.tolerances.map((rule) => (
        <label class="check" key={rule}>
          <input
            type="checkbox"
            checked={tolerate.includes(rule)}
            onChange={(event) => {
              const others = tolerate.filter((each) => each !== rule);
              connectWith({ tolerate: event.currentTarget.checked ? [...others, rule] : others });
            }}
          />
          <code>{rule}</code>
        </label>
      ))}
    </fieldset>
  );
}

function Proxy() {
  const { proxy } = composition.value.settings;
  const embedded = hello.value?.targets.filter(({ kind }) => kind === 'proxy') ?? [];
  const isEmbedded = embedded.some(({ name }) => name === proxy);
  return (
    <>
      <label>
        Proxy (CONNECT)
        <select
          value={proxy === '' || isEmbedded ? proxy : 'other'}
          onChange={(event) => {
            const { value } = event.currentTarget;
            connectWith({ proxy: value === 'other' ? 'http://' : value });
          }}
        >
          <option value="">None</option>
          {embedded.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
          <option value="other">Another…</option>
        </select>
      </label>
      {proxy !== '' && !isEmbedded && (
        <label>
          URL of the proxy
          <input
            value={proxy}
            placeholder="http://user:password@host:3128"
            spellcheck={false}
            autocomplete="off"
            onInput={(event) => {
              connectWith({ proxy: event.currentTarget.value });
            }}
          />
        </label>
      )}
    </>
  );
}

const TRUST: readonly (readonly [Settings['trust'], string])[] = [
  ['playground', 'the platform’s authorities, and the playground’s'],
  ['platform', 'only the platform’s authorities'],
  ['anybody', 'anybody: no check'],
];

function Trust() {
  return (
    <label>
      Trust certificates from
      <select
        value={composition.value.settings.trust}
        onChange={(event) => {
          connectWith({ trust: event.currentTarget.value as Settings['trust'] });
        }}
      >
        {TRUST.map(([trust, title]) => (
          <option key={trust} value={trust}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}
