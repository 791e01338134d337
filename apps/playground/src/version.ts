import manifest from '../package.json' with { type: 'json' };

/** The name of the command, as its user types it and as it introduces itself. */
export const NAME = 'http-client';

export const VERSION = manifest.version;
