import type { WireEvent } from '@http-client/client';

import type { Recorder } from '../har/recorder.js';
import type { Output } from '../io.js';
import { palette } from '../print.js';
import { headPrinter } from './head-printer.js';
import type { Narrator } from './narrator.js';
import type { RequestOptions } from './options.js';
import { wirePrinter } from './wire-printer.js';

/** Tells those who look on of all that goes over the wire; undefined where nobody does, which costs nothing. */
export function onlookers(
  { verbose = false, wire = false, showCredentials = false }: RequestOptions,
  stderr: Output,
  narrator: Narrator,
  recorder: Recorder | undefined,
): ((event: WireEvent) => void) | undefined {
  const colors = palette(stderr.terminal !== undefined);
  // The wire has the heads in it.
  const printer = wire ? wirePrinter : verbose ? headPrinter : undefined;
  const print = printer?.(colors, showCredentials);
  if (print === undefined && recorder === undefined) return undefined;
  return (event) => {
    recorder?.onWire(event);
    if (print !== undefined) narrator.tell(print(event));
  };
}
