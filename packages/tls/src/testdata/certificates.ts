import { generate } from 'selfsigned';
import type { TestProject } from 'vitest/node';

/** A certificate and its key, PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

type Extensions = NonNullable<NonNullable<Parameters<typeof generate>[1]>['extensions']>;
type Names = readonly ({ name: string } | { ip: string })[];

const DAY = 86_400_000;

async function issue(
  name: string,
  extensions: Extensions,
  authority: Identity | undefined,
  days: readonly [number, number] = [-2, 30],
): Promise<Identity> {
  const [from, to] = days.map((day) => new Date(Date.now() + day * DAY)) as [Date, Date];
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: from,
    notAfterDate: to,
    extensions,
    ...(authority === undefined ? {} : { ca: authority }),
  });
  return { cert: made.cert, key: made.private };
}

function authority(name: string, above?: Identity): Promise<Identity> {
  return issue(
    name,
    [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
    above,
  );
}

/** Without names, the certificate has one in its subject only. */
function server(names: Names, above?: Identity, days?: readonly [number, number]): Promise<Identity> {
  const altNames = names.map((each) =>
    'ip' in each ? { type: 7 as const, ip: each.ip } : { type: 2 as const, value: each.name },
  );
  return issue(
    'localhost',
    [
      { name: 'basicConstraints', cA: false },
      { name: 'extKeyUsage', serverAuth: true },
      ...(altNames.length > 0 ? [{ name: 'subjectAltName' as const, altNames }] : []),
    ],
    above,
    days,
  );
}

function client(name: string, above: Identity): Promise<Identity> {
  return issue(
    name,
    [
      { name: 'basicConstraints', cA: false },
      { name: 'extKeyUsage', clientAuth: true },
    ],
    above,
  );
}

const LOCAL: Names = [{ name: 'localhost' }, { ip: '127.0.0.1' }, { ip: '::1' }];

async function make() {
  const [root, stranger] = await Promise.all([authority('test root'), authority('unknown root')]);
  const intermediate = await authority('test intermediate', root);
  const bare = await server(LOCAL, intermediate);
  return {
    /** The authority that the tests trust. */
    root,
    /** Another one, which only some servers trust. */
    stranger,
    /** For localhost and its addresses. */
    valid: await server(LOCAL, root),
    expired: await server(LOCAL, root, [-9, -3]),
    early: await server(LOCAL, root, [3, 9]),
    selfSigned: await server(LOCAL),
    unknownAuthority: await server(LOCAL, stranger),
    otherName: await server([{ name: 'other.example' }], root),
    wildcard: await server([{ name: '*.example.org' }], root),
    partOfLabel: await server([{ name: 'w*.example.org' }], root),
    /** For names only, and for addresses only. */
    named: await server([{ name: 'localhost' }, { name: 'xn--mnchen-3ya.example' }], root),
    addressed: await server([{ ip: '127.0.0.1' }], root),
    inSubject: await server([], root),
    /** The authority that issued the next two. */
    intermediate,
    withIntermediate: { cert: `${bare.cert}\n${intermediate.cert}`, key: bare.key },
    withoutIntermediate: bare,
    /** Client certificates, from the trusted authority and from another. */
    client: await client('a client', root),
    strangeClient: await client('a stranger', stranger),
  };
}

export type Certificates = Awaited<ReturnType<typeof make>>;

declare module 'vitest' {
  interface ProvidedContext {
    certificates: Certificates;
  }
}

/** Created once per test run, before all tests; nothing is written to disk. */
export default async function setup({ provide }: TestProject): Promise<void> {
  provide('certificates', await make());
}
