import { expect } from 'vitest';

import { type ByteReader, decodeLatin1, encodeLatin1 } from '../index.js';

async function into(size: number, method: (target: Uint8Array) => Promise<number>): Promise<Uint8Array> {
  const target = new Uint8Array(size);
  return target.subarray(0, await method(target));
}

/** Every reading method, with the same signature. */
export const operations = {
  read: (reader: ByteReader, amt?: number) => reader.read(amt),
  read1: (reader: ByteReader, amt?: number) => reader.read1(amt),
  readLine: (reader: ByteReader, amt?: number) => reader.readLine(amt),
  peek: (reader: ByteReader, amt?: number) => reader.peek(amt),
  readInto: (reader: ByteReader, amt = 0) => into(amt, (target) => reader.readInto(target)),
  readInto1: (reader: ByteReader, amt = 0) => into(amt, (target) => reader.readInto1(target)),
};

export type Operation = keyof typeof operations;

export const OPERATIONS = Object.keys(operations) as Operation[];

/** A call and its expected result. */
export interface Call {
  op: Operation;
  amt?: number | null | undefined;
  out: string;
}

/** Calls in the notation of the tables: `read(2) "ab", readLine() "c\n"`. */
export function callsOf(text: string): Call[] {
  return Array.from(text.matchAll(/(\w+)\((\d*)\) "([^"]*)"/g), ([, op, amt, out]) => ({
    op: op as Operation,
    amt: amt === '' ? undefined : Number(amt),
    out: out!,
  }));
}

export async function expectCalls(reader: ByteReader, calls: Iterable<Call>): Promise<void> {
  let index = 0;
  for (const { op, amt, out } of calls) {
    const got = decodeLatin1(await operations[op](reader, amt ?? undefined));
    expect(got, `call ${index++}: ${op}(${amt ?? ''})`).toBe(out);
  }
}

/** Blocks from texts; a single string is split at each `|`. */
export function blocksOf(texts: string | readonly string[]): Uint8Array[] {
  return (typeof texts === 'string' ? texts.split('|') : texts).map((text) => encodeLatin1(text));
}

/** One block per character. */
export const singles = (text: string): Uint8Array[] => blocksOf(Array.from(text));
