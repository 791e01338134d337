import type { WireEvent } from '@http-client/client';

import type { Recorder } from '../har/recorder.js';
import type { Output } from '../io.js';
import { palette } from '../print.js';
import { headPrinter } from './head-printer.js';
import type { Narrator } from './narrator.js';
import type { RequestOptions } from './options.js';
import { wirePrinter } from './wire-printer.js';

/** Makes the `onWire` observer that the options ask for; undefined if they ask for none, which then costs nothing. */
export function wireObserver(
  { verbose = false, wire = false, showCredentials = false }: RequestOptions,
  stderr: Output,
  narrator: Narrator,
  recorder: Recorder | undefined,
): ((event: WireEvent) => void) | undefined {
  const colors = palette(stderr.terminal !== undefined);
  // --wire includes the heads.
  const printer = wire ? wirePrinter : verbose ? headPrinter : undefined;
  const print = printer?.(colors, showCredentials);
  if (print === undefined && recorder === undefined) return undefined;
  return (event) => {
    recorder?.onWire(event);
    if (print !== undefined) narrator.tell(print(event));
  };
}
