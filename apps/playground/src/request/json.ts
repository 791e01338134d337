import { quote } from '@http-client/client';

import { Failure } from '../failure.js';
import { parseSource, type DataSource } from './data.js';

/** A JSON body as its options give it so far: the members of an object, or all of it at once. */
export type Json = { readonly members: readonly (readonly [string, unknown])[] } | DataSource;

/** `name=text` or `name:=json`. No JSON text begins as a name may, and no name as `@file` does. */
const MEMBER = /^([^{["@=\s][^=]*?)(:?=)(.*)$/s;

/**
 * Takes one more `--json`: a member of an object, or all of the body, as JSON text, `@file` or `@-`.
 *
 * @throws Failure for text that is not JSON, and where there is more beside all of the body.
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

/** The body itself. Of two members with one name the last one counts. */
export function jsonSource(json: Json): DataSource {
  // Not by assignment: that would take __proto__ for something else than a name.
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
