import { METHODS } from '../composition.js';
import { compose, composition } from '../store.js';
import { ConnectionOptions } from './connection-options.js';
import { FieldsEditor } from './fields-editor.js';
import { ServerPicker } from './server-picker.js';
import { Share } from './share.js';

/** The form in which a request and the settings of its connection are composed. */
export function Composer() {
  const { method, target, headers, body } = composition.value;
  return (
    <form
      class="composer panel"
      aria-labelledby="composer-title"
      onSubmit={(event) => {
        event.preventDefault();
      }}
    >
      <h2 id="composer-title">Compose</h2>
      <ServerPicker />
      <div class="line">
        <label class="method">
          Method
          <input
            list="methods"
            value={method}
            spellcheck={false}
            onInput={(event) => {
              compose({ method: event.currentTarget.value });
            }}
          />
        </label>
        <datalist id="methods">
          {METHODS.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
        <label class="grow">
          Target
          <input
            value={target}
            spellcheck={false}
            onInput={(event) => {
              compose({ target: event.currentTarget.value });
            }}
          />
        </label>
      </div>
      <FieldsEditor
        title="Header fields"
        what="header field"
        fields={headers}
        change={(fields) => {
          compose({ headers: fields });
        }}
      />
      <label>
        Body
        <textarea
          rows={3}
          value={body}
          spellcheck={false}
          placeholder="None"
          onInput={(event) => {
            compose({ body: event.currentTarget.value });
          }}
        />
      </label>
      <BodyOptions />
      <ConnectionOptions />
      <Share />
    </form>
  );
}

function BodyOptions() {
  const { chunked, blockSize, expectContinue, trailers } = composition.value;
  return (
    <>
      <div class="checks">
        <label class="check">
          <input
            type="checkbox"
            checked={chunked}
            onChange={(event) => {
              compose({ chunked: event.currentTarget.checked });
            }}
          />
          in chunks
        </label>
        {chunked && (
          <label class="check">
            of
            <input
              class="small"
              type="number"
              min={1}
              aria-label="Bytes in a chunk"
              value={blockSize}
              onInput={(event) => {
                const value = Math.trunc(event.currentTarget.valueAsNumber);
                if (value >= 1) compose({ blockSize: value });
              }}
            />
            bytes
          </label>
        )}
        <label class="check">
          <input
            type="checkbox"
            checked={expectContinue}
            onChange={(event) => {
              compose({ expectContinue: event.currentTarget.checked });
            }}
          />
          Expect: 100-continue
        </label>
      </div>
      <details>
        <summary>Trailers{trailers.length === 0 ? '' : ` (${trailers.length})`}</summary>
        <FieldsEditor
          title="Trailer fields"
          what="trailer field"
          fields={trailers}
          change={(fields) => {
            compose({ trailers: fields });
          }}
        />
        <p class="hint">Sent after the last chunk: with trailers, the body is sent in chunks.</p>
      </details>
    </>
  );
}
