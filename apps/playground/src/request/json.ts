import { quote } from '@http-client/client';

import { Failure } from '../failure.js';
import { parseSource, type DataSource } from './data.js';

/** A JSON body as given by the options so far: members of an object, or the whole body. */
export type Json = { readonly members: readonly (readonly [string, unknown])[] } | DataSource;

/** `name=text` or `name:=json`. Neither JSON text nor `@file` begins with a character that a name may begin with. */
const MEMBER = /^([^{["@=\s][^=]*?)(:?=)(.*)$/s;

/**
 * Adds one more `--json`: a member of an object, or the whole body, as JSON text, `@file` or `@-`.
 *
 * @throws Failure for text that is not JSON, and for anything in addition to a whole body.
 */
export function addJson(text: string, before?: Json): Json {
  const [, name, sign, value = ''] = MEMBER.exec(text) ?? [];
  if (name === undefined) {
    const source = parseSource(text);
    if (before !== undefined) throw tooMuch();
    if ('text' in source) parse(text, quote(text));
    return source;
  }
  if (before !== undefined && !('members' in before)) throw tooMuch();
  const member = [name, sign === ':=' ? parse(value, `the value of ${quote(name)}`) : value] as const;
  return { members: [...(before?.members ?? []), member] };
}

/** The source of the body. Of several members with the same name, the last one counts. */
export function jsonSource(json: Json): DataSource {
  // Not by assignment: `__proto__` would set the prototype, instead of a member.
  return 'members' in json ? { text: JSON.stringify(Object.fromEntries(json.members)) } : json;
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Failure(
      `Cannot use ${what} as JSON: ${(error as Error).message}; good ones are '{"name":"text"}', name=text and name:=42`,
      { cause: error },
    );
  }
}

function tooMuch(): Failure {
  return new Failure('Cannot use --json again: several make one object, each as name=text or name:=42');
}
