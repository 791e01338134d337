import type { SelfsignedOptions } from 'selfsigned';

/** A certificate and its key, PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

type Name = { readonly type: 2; readonly value: string } | { readonly type: 7; readonly ip: string };

/** By whom a certificate was issued, or self-signed if that is absent, and until when it is valid. */
interface Terms {
  readonly issuer?: Certificate;
  readonly until?: Date;
}

export const daysFromNow = (days: number): Date => new Date(Date.now() + days * 24 * 60 * 60 * 1000);

/** Generates the certificate of an authority. */
export function makeAuthority(name: string): Promise<Certificate> {
  return make(name, [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
  ]);
}

/** Generates the certificate of a server with these names. */
export function makeCertificate(names: readonly Name[], terms?: Terms): Promise<Certificate> {
  return make(
    'localhost',
    [
      { name: 'basicConstraints', cA: false },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [...names] },
    ],
    terms,
  );
}

async function make(
  name: string,
  extensions: NonNullable<SelfsignedOptions['extensions']>,
  { issuer, until = daysFromNow(30) }: Terms = {},
): Promise<Certificate> {
  // Loaded here: it takes longer than all else that a command loads, and most commands need no certificate.
  const { generate } = await import('selfsigned');
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    // Fast to generate, and not the library's defaults (RSA and SHA-1).
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: daysFromNow(-30),
    notAfterDate: until,
    extensions,
    ...(issuer === undefined ? {} : { ca: issuer }),
  });
  return { cert, key };
}
