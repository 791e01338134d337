import { sections } from '../rules/behaviour.js';

import type { Verdict } from '../../src/serve/api.js';
import { count, decoded } from '../parts/bytes.js';
import { casesWith, ruleOf } from '../rules/find-rules.js';

/** Whether two modes have the same result. */
function isSame(one: Verdict, other: Verdict): boolean {
  const told = ({ response, error }: Verdict): string => JSON.stringify([response, error?.message]);
  return told(one) === told(other);
}

/** The result of each mode. Those whose result is that of strict are only named. */
export function Verdicts({ verdicts }: { verdicts: readonly Verdict[] }) {
  const [strict, lenient, ...relaxed] = verdicts;
  if (strict === undefined || lenient === undefined) return null;
  const others = relaxed.filter((verdict) => !isSame(verdict, strict));
  const same = relaxed.filter((verdict) => isSame(verdict, strict));
  return (
    <section aria-labelledby="verdicts-title">
      <h2 id="verdicts-title">Verdicts</h2>
      <div class="verdicts">
        {[strict, lenient, ...others].map((verdict) => (
          <Card key={verdict.judge} verdict={verdict} />
        ))}
      </div>
      <details class="same">
        <summary>The other {same.length} rules make no difference</summary>
        <p>
          {same.map(({ judge }, index) => (
            <span key={judge}>
              {index > 0 && ', '}
              <code>{judge}</code>
            </span>
          ))}
        </p>
      </details>
    </section>
  );
}

function Card({ verdict: { judge, response, error } }: { verdict: Verdict }) {
  const rule = ruleOf(sections, judge);
  const passed = error === undefined;
  return (
    <article class={`panel verdict ${passed ? 'passed' : 'refused'}`} aria-labelledby={`verdict-${judge}`}>
      <h3 id={`verdict-${judge}`}>
        {rule === undefined ? (
          judge
        ) : (
          <span>
            tolerate <a href={`#rules=${rule.id}`}>{judge}</a>
          </span>
        )}
        <span class="tag">{passed ? '✓ accepted' : '✕ rejected'}</span>
      </h3>
      {error !== undefined && (
        <p>
          <strong>{error.name}</strong>: {error.message} <RuleOf error={error.name} />
        </p>
      )}
      {response !== undefined && (
        <>
          <dl>
            <div>
              <dt>status</dt>
              <dd>
                {response.status} {response.reason}
              </dd>
            </div>
            <div>
              <dt>fields</dt>
              <dd class="mono">
                {response.headers.map(([name, value], index) => (
                  <span key={index}>
                    {name}: {value}
                  </span>
                ))}
              </dd>
            </div>
            <div>
              <dt>body</dt>
              <dd class="mono">
                {response.bodySize === 0 ? '' : JSON.stringify(decoded(response.body))}{' '}
                <span class="hint">{count(response.bodySize)}</span>
              </dd>
            </div>
            <div>
              <dt>then</dt>
              <dd>{response.willClose ? 'the connection closes' : 'the connection stays open'}</dd>
            </div>
          </dl>
          {response.violations.map(({ rule, detail, offset }, index) => (
            <p key={index} class="hint">
              Accepted violation: <code>{rule}</code> at byte {offset}, {detail}
            </p>
          ))}
          {response.defects.map(({ detail }, index) => (
            <p key={index} class="hint">
              Defect: {detail}
            </p>
          ))}
        </>
      )}
    </article>
  );
}

function RuleOf({ error }: { error: string }) {
  const [first] = casesWith(sections, error);
  return first === undefined ? null : <a href={`#rules=${first.id}`}>the rules</a>;
}
