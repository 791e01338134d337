import { daysFromNow, makeAuthority, makeCertificate, type Certificate } from '../../certificate.js';

/** The certificates of the TLS test servers. They are generated at each start, and never stored. */
export interface Certificates {
  /** The authority that issued all but the self-signed one, PEM. */
  readonly authority: string;
  readonly good: Certificate;
  readonly expired: Certificate;
  readonly otherName: Certificate;
  readonly selfSigned: Certificate;
}

const HERE = [
  { type: 2, value: 'localhost' },
  { type: 7, ip: '127.0.0.1' },
] as const;

export async function makeCertificates(): Promise<Certificates> {
  const issuer = await makeAuthority('http-client playground');
  const [good, expired, otherName, selfSigned] = await Promise.all([
    makeCertificate(HERE, { issuer }),
    makeCertificate(HERE, { issuer, until: daysFromNow(-1) }),
    makeCertificate([{ type: 2, value: 'elsewhere.example' }], { issuer }),
    makeCertificate(HERE),
  ]);
  return { authority: issuer.cert, good, expired, otherName, selfSigned };
}
