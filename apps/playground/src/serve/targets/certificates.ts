import { generate } from 'selfsigned';

/** A certificate and its key, PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** The certificates of the TLS test servers. They are generated at each start, and never stored. */
export interface Certificates {
  /** The authority that issued all but the self-signed one, PEM. */
  readonly authority: string;
  readonly good: Certificate;
  readonly expired: Certificate;
  readonly otherName: Certificate;
  readonly selfSigned: Certificate;
}

const daysFromNow = (days: number): Date => new Date(Date.now() + days * 24 * 60 * 60 * 1000);

// Fast to generate, and not the library's defaults (RSA and SHA-1).
const KEYS = { keyType: 'ec', algorithm: 'sha256' } as const;

type Name = { readonly type: 2; readonly value: string } | { readonly type: 7; readonly ip: string };

const HERE: readonly Name[] = [
  { type: 2, value: 'localhost' },
  { type: 7, ip: '127.0.0.1' },
];

export async function makeCertificates(): Promise<Certificates> {
  const authority = await generate([{ name: 'commonName', value: 'http-client playground' }], {
    ...KEYS,
    notBeforeDate: daysFromNow(-30),
    notAfterDate: daysFromNow(30),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const issuer = { key: authority.private, cert: authority.cert };
  const [good, expired, otherName, selfSigned] = await Promise.all([
    leaf({ issuer }),
    leaf({ issuer, until: daysFromNow(-1) }),
    leaf({ issuer, names: [{ type: 2, value: 'elsewhere.example' }] }),
    leaf({}),
  ]);
  return { authority: authority.cert, good, expired, otherName, selfSigned };
}

interface LeafOptions {
  readonly issuer?: Certificate;
  readonly until?: Date;
  readonly names?: readonly Name[];
}

async function leaf({ issuer, until = daysFromNow(30), names = HERE }: LeafOptions): Promise<Certificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...KEYS,
    notBeforeDate: daysFromNow(-30),
    notAfterDate: until,
    ...(issuer === undefined ? {} : { ca: issuer }),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [...names] },
    ],
  });
  return { cert, key };
}
