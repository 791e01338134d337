import { sections } from '../rules/behaviour.js';

import type { Field, HeadView, ResponseView as Response } from '../../src/serve/api.js';
import { count, decoded } from '../parts/bytes.js';
import { ruleOf } from '../rules/find-rules.js';

/** The response as the client parsed it. */
export function ResponseView({ response, connected }: { response: Response; connected: boolean }) {
  const { version, status, reason, headers, informational, trailers } = response;
  return (
    <section class="panel response" aria-labelledby="response-title">
      <h2 id="response-title">The response</h2>
      {informational.map((head, index) => (
        <Interim key={index} head={head} />
      ))}
      <p class="status">
        <strong>{status}</strong> {reason} <span class="hint">HTTP/1.{version - 10}</span>
      </p>
      <Facts response={response} connected={connected} />
      <Fields caption="Header fields, as parsed" fields={headers} />
      {trailers !== undefined && trailers.length > 0 && <Fields caption="Trailer fields" fields={trailers} />}
      <Violations response={response} />
      <Body response={response} />
    </section>
  );
}

function Interim({ head: { status, reason, headers } }: { head: HeadView }) {
  return (
    <details open>
      <summary>
        {status} {reason}: interim response
      </summary>
      <Fields caption={`Fields of the ${status}`} fields={headers} />
    </details>
  );
}

function Facts({ response, connected }: { response: Response; connected: boolean }) {
  const { chunked, length, closed } = response;
  const framing = chunked ? 'in chunks' : length === undefined ? 'to the end of the stream' : 'by length';
  const isBroken = closed && length !== undefined && length > 0;
  const rest =
    length !== undefined && length > 0 ? `${count(length)} ${isBroken ? 'missing' : 'to read'}` : undefined;
  const end = isBroken
    ? 'closed before its end'
    : closed
      ? 'read to its end, or closed'
      : 'not read to its end';
  const closes = response.willClose || isBroken || (closed && !connected);
  return (
    <ul class="facts">
      <li class="tag">body {framing}</li>
      {rest !== undefined && <li class="tag">{rest}</li>}
      <li class="tag">{end}</li>
      <li class="tag">{closes ? 'the connection closes after it' : 'the connection stays open'}</li>
    </ul>
  );
}

function Fields({ caption, fields }: { caption: string; fields: readonly Field[] }) {
  return (
    <table class="fields-table">
      <caption>{caption}</caption>
      <thead class="unseen">
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Value</th>
        </tr>
      </thead>
      <tbody>
        {fields.map(([name, value], index) => (
          <tr key={index}>
            <th scope="row">{name}</th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Violations({ response: { violations, defects } }: { response: Response }) {
  if (violations.length + defects.length === 0) return null;
  return (
    <div class="violations">
      <h3>Accepted violations</h3>
      <ul>
        {violations.map(({ rule, offset, detail }, index) => {
          const found = ruleOf(sections, rule);
          return (
            <li key={index}>
              {found === undefined ? <code>{rule}</code> : <a href={`#rules=${found.id}`}>{rule}</a>} at byte{' '}
              {offset}: {detail}
            </li>
          );
        })}
        {defects.map(({ line, detail }, index) => (
          <li key={index}>
            {detail}: <code>{line}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Body({ response: { body, bodySize, closed, length } }: { response: Response }) {
  if (bodySize === 0) {
    // The length of a body in chunks, or up to the end of the stream, is not known: it may have been truncated.
    return (
      <p class="hint">
        {closed && length === 0 ? 'There is no body.' : 'Nothing of the body has been read.'}
      </p>
    );
  }
  return (
    <>
      <h3>
        Body <span class="hint">{count(bodySize)} read</span>
      </h3>
      <pre class="body" role="region" tabIndex={0} aria-label="Body">
        {decoded(body)}
      </pre>
      {body.length < bodySize && <p class="hint">The first {count(body.length)} are shown.</p>}
    </>
  );
}
