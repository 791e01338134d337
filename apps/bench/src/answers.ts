/** A server's response: a head, then a block `times` times, then what ends it. */
export interface Answer {
  readonly head: string;
  readonly block: string;
  readonly times: number;
  readonly end: string;
}

/** The fields of a typical response from a site behind a proxy. Any further fields are numbered. */
const FIELDS = [
  'Date: Wed, 25 Nov 2026 09:26:53 GMT',
  'Server: nginx/1.27.3',
  'Content-Type: application/json; charset=utf-8',
  'ETag: W/"5f3-18c9a1b2c3d"',
  'Cache-Control: public, max-age=300, stale-while-revalidate=60',
  'Last-Modified: Tue, 24 Nov 2026 17:03:11 GMT',
  'Vary: Accept-Encoding, Origin',
  'Strict-Transport-Security: max-age=31536000; includeSubDomains',
  'X-Content-Type-Options: nosniff',
  'X-Frame-Options: SAMEORIGIN',
  "Content-Security-Policy: default-src 'self'; img-src 'self' data:; script-src 'self'",
  'Referrer-Policy: strict-origin-when-cross-origin',
  'Permissions-Policy: geolocation=(), camera=()',
  'Access-Control-Allow-Origin: https://www.example.org',
  'Access-Control-Expose-Headers: ETag, X-Request-Id',
  'X-Request-Id: 7f0c1d4e-9b2a-4c57-8f3e-5d6a7b8c9d0e',
  'X-RateLimit-Limit: 5000',
  'X-RateLimit-Remaining: 4987',
  'X-RateLimit-Reset: 1795598813',
  'Set-Cookie: session=4b1f6c8a2e; Path=/; HttpOnly; Secure; SameSite=Lax',
  'Via: 1.1 cache-fra-01',
  'X-Cache: HIT',
  'X-Cache-Hits: 12',
  'Age: 117',
  'Accept-Ranges: bytes',
  'Content-Language: en',
  'Link: </api/items?page=2>; rel="next", </api/items?page=9>; rel="last"',
  'Timing-Allow-Origin: *',
  'Alt-Svc: clear',
];

/** A head with this many fields in total, of which `framing` is the last. */
export function headOf(fields: number, framing: string): string {
  const lines = Array.from(
    { length: fields - 1 },
    (_, at) => FIELDS[at] ?? `X-Field-${at}: a value of some length`,
  );
  return `HTTP/1.1 200 OK\r\n${[...lines, framing].join('\r\n')}\r\n\r\n`;
}

/** A body of known length. */
export function sized(bytes: number, fields = 6): Answer {
  const block = 'x'.repeat(Math.min(bytes, 65_536));
  const times = Math.ceil(bytes / block.length);
  return { head: headOf(fields, `Content-Length: ${block.length * times}`), block, times, end: '' };
}

/** A body of at least this many bytes, in chunks of one size. */
export function chunked(bytes: number, chunk: number): Answer {
  const one = `${chunk.toString(16)}\r\n${'x'.repeat(chunk)}\r\n`;
  const several = Math.max(1, Math.floor(65_536 / chunk));
  const times = Math.ceil(bytes / (chunk * several));
  return {
    head: headOf(6, 'Transfer-Encoding: chunked'),
    block: one.repeat(several),
    times,
    end: '0\r\n\r\n',
  };
}

/** A JSON text that contains its own length, in one chunk. */
export function json(): Answer {
  const items = Array.from({ length: 4 }, (_, id) => ({
    id,
    name: `item ${id}`,
    tags: ['one', 'two'],
    price: id * 1.5,
  }));
  const { length } = JSON.stringify({ length: 100, items });
  const text = JSON.stringify({ length, items });
  return {
    head: headOf(6, 'Transfer-Encoding: chunked'),
    block: `${text.length.toString(16)}\r\n${text}\r\n`,
    times: 1,
    end: '0\r\n\r\n',
  };
}

export function wireLength({ head, block, times, end }: Answer): number {
  return head.length + block.length * times + end.length;
}
