import { sections } from '../rules/behaviour.js';

import type { Verdict } from '../../src/serve/api.js';
import { count, decoded } from '../parts/bytes.js';
import { casesWith, ruleOf } from '../rules/find-rules.js';

/** Two ways of judging that came to the same. */
function isSame(one: Verdict, other: Verdict): boolean {
  const told = ({ response, error }: Verdict): string => JSON.stringify([response, error?.message]);
  return told(one) === told(other);
}

/** What each way of judging made of the answer; those that made of it what strict did are named together. */
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
        <summary>{same.length} other rules change nothing: with them it is as with strict alone</summary>
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
        <span class="tag">{passed ? '✓ passed' : '✕ refused'}</span>
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
              <dd>{response.willClose ? 'the connection closes' : 'the connection stays'}</dd>
            </div>
          </dl>
          {response.violations.map(({ rule, detail, offset }, index) => (
            <p key={index} class="hint">
              Listed: <code>{rule}</code> at byte {offset}, {detail}
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
