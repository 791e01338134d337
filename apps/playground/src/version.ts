import manifest from '../package.json' with { type: 'json' };

/** The name of the command, as typed and as printed in its messages. */
export const NAME = 'http-client';

export const VERSION = manifest.version;
