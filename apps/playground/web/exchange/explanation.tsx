import { useSignal } from '@preact/signals';
import { sections } from '../rules/behaviour.js';
import { useEffect } from 'preact/hooks';

import type { ErrorView } from '../../src/serve/api.js';
import { casesOf, casesWith, type FoundRule } from '../rules/find-rules.js';
import { exchange, judge } from '../store.js';
import { lastResponse } from './received.js';

/** Explanations of errors that no rule caused, by their code. */
const WAYS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there.',
  ENOTFOUND: 'The name has no address.',
  EAI_AGAIN: 'No name server responds.',
  CERT_HAS_EXPIRED: 'The certificate has expired. “Trust certificates from anybody” turns the check off.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate is for another host.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate is self-signed: no authority vouches for it.',
  SELF_SIGNED_CERT_IN_CHAIN: 'The authority of the certificate is not trusted.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'The authority of the certificate is not known.',
  ETIMEDOUT: 'It took longer than the timeout of the connection.',
};

const DELIVERIES: Readonly<Record<NonNullable<ErrorView['delivery']>, string>> = {
  unsent: 'not a byte of the request was sent',
  partial: 'some of the request was sent',
  sent: 'all of the request was sent',
  answered: 'bytes of a response were received',
};

/** An error, and the rule that caused it. */
export function Explanation({ error }: { error: ErrorView }) {
  const { name, code, message, delivery, details } = error;
  return (
    <div class="explanation">
      <p>
        <strong>{name}</strong> {code !== undefined && <code>{code}</code>}
      </p>
      <p>{message}</p>
      {code !== undefined && WAYS[code] !== undefined && <p>{WAYS[code]}</p>}
      {(delivery !== undefined || details.length > 0) && (
        <dl>
          {delivery !== undefined && (
            <div>
              <dt>delivery</dt>
              <dd>
                <code>{delivery}</code>: {DELIVERIES[delivery]}
              </dd>
            </div>
          )}
          {details.map(([key, value]) => (
            <div key={key}>
              <dt>{key}</dt>
              <dd class="mono">{value}</dd>
            </div>
          ))}
        </dl>
      )}
      <Because error={error} />
    </div>
  );
}

/** Errors about a response. Comparing all modes on its bytes shows which rule caused them. */
const JUDGED = ['InvalidHeader', 'InvalidChunk', 'IncompleteRead', 'UnknownTransferEncoding'];

function Because({ error: { name } }: { error: ErrorView }) {
  const rules = useSignal<readonly string[]>([]);
  const isJudged = JUDGED.includes(name);
  useEffect(() => {
    // Once, with the bytes that had been received when the error occurred.
    const response = isJudged ? lastResponse(exchange.peek()) : undefined;
    if (response === undefined) return;
    judge(response).then(
      (verdicts) => {
        const passing = verdicts
          .filter((verdict) => verdict.error === undefined)
          .map((verdict) => verdict.judge);
        rules.value = passing.includes('strict') ? [] : passing.filter((each) => each !== 'lenient');
      },
      // There are too many bytes to compare: the error is explained without its rule.
      () => undefined,
    );
  }, []);
  const cases = isJudged ? casesOf(sections, rules.value) : [];
  const found = cases.length > 0 ? cases : casesWith(sections, name);
  if (found.length === 0) return null;
  return (
    <>
      {rules.value.length > 0 && (
        <p>
          It would be accepted with{' '}
          {rules.value.map((rule, index) => (
            <span key={rule}>
              {index > 0 && ' or '}
              <code>{`tolerate: ['${rule}']`}</code>
            </span>
          ))}
          .
        </p>
      )}
      <RuleLinks rules={found} />
    </>
  );
}

/** Links to rows of the rules. */
function RuleLinks({ rules }: { rules: readonly FoundRule[] }) {
  return (
    <p class="rule-links">
      <span>Rule{rules.length > 1 ? 's' : ''}:</span>
      {rules.map(({ id, title }) => (
        <a key={id} href={`#rules=${id}`}>
          {title}
        </a>
      ))}
    </p>
  );
}
