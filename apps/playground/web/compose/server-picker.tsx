import type { Target } from '../../src/serve/api.js';
import { aimedAt } from '../composition.js';
import { compose, composition, connectWith, hello } from '../store.js';

/** Groups of the test servers, by their names. */
const GROUPS: readonly (readonly [string, readonly string[]])[] = [
  ['Well-behaved', ['plain', 'chunked', 'trailers', 'early-hints', 'slow', 'continue', 'early-413']],
  ['TLS', ['tls', 'tls-expired', 'tls-other-name', 'tls-self-signed']],
];

const OTHER = 'other';

/** The choice of the server: one of the test servers, or any other. */
export function ServerPicker() {
  const servers = hello.value?.targets.filter(({ kind }) => kind === 'server') ?? [];
  const { server } = composition.value.settings;
  const chosen = servers.find(({ name }) => name === server);
  const grouped = GROUPS.map(
    ([title, names]) => [title, servers.filter(({ name }) => names.includes(name))] as const,
  );
  const rest = servers.filter(({ name }) => !GROUPS.some(([, names]) => names.includes(name)));
  return (
    <>
      <label>
        Server
        <select
          value={chosen?.name ?? OTHER}
          onChange={(event) => {
            const target = servers.find(({ name }) => name === event.currentTarget.value);
            if (target === undefined) connectWith({ server: 'http://' });
            else compose(aimedAt(composition.value, target));
          }}
        >
          {[...grouped, ['Trouble', rest] as const].map(([title, targets]) => (
            <Group key={title} title={title} targets={targets} />
          ))}
          <optgroup label="Anywhere">
            <option value={OTHER}>Another host…</option>
          </optgroup>
        </select>
      </label>
      {chosen === undefined ? (
        <label>
          URL of the server
          <input
            type="url"
            value={server}
            placeholder="https://example.org"
            spellcheck={false}
            onInput={(event) => {
              connectWith({ server: event.currentTarget.value });
            }}
          />
        </label>
      ) : (
        <p class="hint">
          {chosen.about} <span class="mono">{chosen.url}</span>
        </p>
      )}
    </>
  );
}

function Group({ title, targets }: { title: string; targets: readonly Target[] }) {
  return (
    <optgroup label={title}>
      {targets.map(({ name, title }) => (
        <option key={name} value={name}>
          {title}
        </option>
      ))}
    </optgroup>
  );
}
