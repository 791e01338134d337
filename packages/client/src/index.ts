export * from '@http-client/status';
export * from '@http-client/errors';
export * from '@http-client/io';
export * from '@http-client/headers';
export * from '@http-client/body';
export * from '@http-client/tunnel';
export * from '@http-client/connection';
export * from '@http-client/tls';
