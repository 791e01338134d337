import type { ChunkedPart } from '@http-client/body';

/** Receives every byte that is sent and received while a tunnel is opened, labelled. Its methods must not throw. */
export interface TunnelObserver {
  /** The head of a CONNECT request is about to be sent. */
  sentHead(text: string): void;
  /** `bytes[start, end)` is the head of a reply. */
  receivedHead(bytes: Uint8Array, start: number, end: number): void;
  /** `bytes[start, end)` is part of the body of a refusal, or follows everything that was used. */
  received(part: 'body' | ChunkedPart | 'excess', bytes: Uint8Array, start: number, end: number): void;
}
