import type { ChunkedPart } from '@http-client/body';

/** Who is shown every byte that a tunnel's opening sends and receives, with what it is. None of them may throw. */
export interface TunnelObserver {
  /** The head of a CONNECT request goes out. */
  sentHead(text: string): void;
  /** `bytes[start, end)` is the head of a reply. */
  receivedHead(bytes: Uint8Array, start: number, end: number): void;
  /** `bytes[start, end)` is a part of a refusal's body, or came behind all that was made use of. */
  received(part: 'body' | ChunkedPart | 'excess', bytes: Uint8Array, start: number, end: number): void;
}
